import { expect } from '@jest/globals';
import { answers, type Chain, denied, refuses, TIME } from '../example';

const BUCKET = { Bucket: 'exports' };
const OBJECT = { ...BUCKET, Key: 'in 2026/a+b.txt' };
const MISSING = { ...BUCKET, Key: 'missing' };
const NO_BUCKET = { Bucket: 'nobodys' };
const noBucket = 'The specified bucket does not exist';
const ETAG = '"900150983cd24fb0d6963f7d28e17f72"';

/** As both GetObject and HeadObject describe the object. */
const described = expect.objectContaining({
  AcceptRanges: 'bytes',
  LastModified: TIME,
  ContentLength: 3,
  ETag: ETAG,
  ContentType: 'text/plain',
  Metadata: { team: 'billing' },
});

export const s3: Chain = {
  service: 's3',
  examples: [
    answers('CreateBucket', BUCKET, expect.objectContaining({ Location: '/exports' })),
    refuses('CreateBucket', { Bucket: 'No' }, 'InvalidBucketName', 'The specified bucket is not valid.'),
    denied('s3', 'CreateBucket', BUCKET),
    answers(
      'ListBuckets',
      {},
      expect.objectContaining({ Buckets: [expect.objectContaining({ Name: 'exports', CreationDate: TIME })] }),
    ),
    denied('s3', 'ListBuckets'),
    answers(
      'PutObject',
      { ...OBJECT, Body: 'abc', ContentType: 'text/plain', Metadata: { team: 'billing' } },
      expect.objectContaining({ ETag: ETAG, ServerSideEncryption: 'AES256' }),
    ),
    refuses('PutObject', { ...NO_BUCKET, Key: 'k', Body: 'abc' }, 'NoSuchBucket', noBucket),
    denied('s3', 'PutObject', { ...OBJECT, Body: 'abc' }),
    answers('GetObject', OBJECT, expect.objectContaining({ Body: 'abc' })),
    answers('GetObject', OBJECT, described),
    refuses('GetObject', MISSING, 'NoSuchKey', 'The specified key does not exist.'),
    denied('s3', 'GetObject', OBJECT),
    answers('HeadObject', OBJECT, described),
    refuses('HeadObject', MISSING, '404'),
    refuses('HeadObject', OBJECT, '403', undefined, 'nobody'),
    answers(
      'ListObjectsV2',
      { ...BUCKET, Prefix: 'in 2026/' },
      expect.objectContaining({
        Name: 'exports',
        Prefix: 'in 2026/',
        KeyCount: 1,
        MaxKeys: 1000,
        IsTruncated: false,
        Contents: [
          expect.objectContaining({
            Key: OBJECT.Key,
            LastModified: TIME,
            ETag: ETAG,
            Size: 3,
            StorageClass: 'STANDARD',
          }),
        ],
      }),
    ),
    answers(
      'ListObjectsV2',
      { ...BUCKET, Delimiter: '/' },
      expect.objectContaining({ Delimiter: '/', CommonPrefixes: [{ Prefix: 'in 2026/' }] }),
    ),
    refuses('ListObjectsV2', NO_BUCKET, 'NoSuchBucket', noBucket),
    denied('s3', 'ListObjectsV2', BUCKET),
  ],
};
