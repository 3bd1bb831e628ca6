import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const BUCKET = { Bucket: 'uploads' };
const OBJECT = { ...BUCKET, Key: 'a b/ü%2F+&.txt' };
const md5 = (data: string | Buffer) => createHash('md5').update(data).digest();
const PART = `"${md5('abc').toString('hex')}"`;
const WHOLE = `"${md5(md5('abc')).toString('hex')}-1"`;
const upload = (last: Last) => ({ ...OBJECT, UploadId: last('CreateMultipartUpload').UploadId });
const gone = { ...OBJECT, UploadId: 'gone' };
const noUpload = expect.stringMatching(/^The specified upload does not exist\./);

/** An upload in parts, one that is given up, and the end of the bucket. */
export const s3Uploads: Chain = {
  service: 's3',
  seed: async ({ asRoot }) => {
    await asRoot('s3', 'CreateBucket', BUCKET);
    await asRoot('s3', 'PutObject', { ...BUCKET, Key: 'source', Body: 'abcde' });
  },
  examples: [
    answers('HeadBucket', BUCKET, { BucketRegion: 'us-east-1', AccessPointAlias: false }),
    refuses('HeadBucket', BUCKET, '403', undefined, 'nobody'),
    answers('CreateMultipartUpload', OBJECT, expect.objectContaining(OBJECT)),
    denied('s3', 'CreateMultipartUpload', OBJECT),
    answers(
      'UploadPart',
      (last) => ({ ...upload(last), PartNumber: 1, Body: 'abc' }),
      expect.objectContaining({ ETag: PART }),
    ),
    answers(
      'UploadPartCopy',
      (last) => ({ ...upload(last), PartNumber: 2, CopySource: 'uploads/source', CopySourceRange: 'bytes=1-3' }),
      expect.objectContaining({
        CopyPartResult: expect.objectContaining({ ETag: `"${md5('bcd').toString('hex')}"`, LastModified: TIME }),
      }),
    ),
    refuses('UploadPartCopy', { ...gone, PartNumber: 1, CopySource: 'uploads/source' }, 'NoSuchUpload', noUpload),
    refuses('UploadPart', { ...gone, PartNumber: 1, Body: 'abc' }, 'NoSuchUpload', noUpload),
    answers(
      'CompleteMultipartUpload',
      (last) => ({ ...upload(last), MultipartUpload: { Parts: [{ PartNumber: 1, ETag: PART }] } }),
      expect.objectContaining({ ...OBJECT, ETag: WHOLE }),
    ),
    refuses(
      'CompleteMultipartUpload',
      { ...gone, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: PART }] } },
      'NoSuchUpload',
      noUpload,
    ),
    answers(
      'GetObject',
      { ...OBJECT, Range: 'bytes=1-' },
      expect.objectContaining({ Body: 'bc', ContentRange: 'bytes 1-2/3', ETag: WHOLE }),
    ),
    refuses('GetObject', { ...OBJECT, Range: 'bytes=3-' }, 'InvalidRange', 'The requested range is not satisfiable'),
    refuses('DeleteBucket', BUCKET, 'BucketNotEmpty', 'The bucket you tried to delete is not empty'),
    answers('DeleteObject', { ...BUCKET, Key: 'source' }, {}),
    answers('DeleteObject', OBJECT, {}),
    denied('s3', 'DeleteObject', OBJECT),
    answers('CreateMultipartUpload', OBJECT, expect.objectContaining(OBJECT)),
    answers('AbortMultipartUpload', upload, {}),
    refuses('AbortMultipartUpload', gone, 'NoSuchUpload', noUpload),
    answers('DeleteBucket', BUCKET, {}),
  ],
};
