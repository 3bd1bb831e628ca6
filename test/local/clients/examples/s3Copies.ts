import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { answers, type Chain, denied, refuses, TIME } from '../example';

const BUCKET = { Bucket: 'copies' };
const [SOURCE, COPY] = ['a b/ü%2F+&.txt', 'x/y'];
const ETAG = `"${createHash('md5').update('abc').digest('hex')}"`;
const copying = (Key: string, source: string) => ({
  ...BUCKET,
  Key,
  CopySource: `copies/${encodeURIComponent(source)}`,
});
/** boto3 encodes by itself. */
const plain = (Key: string, source: string) => ({ ...BUCKET, Key, CopySource: `copies/${source}` });
const noBucket = 'The specified bucket does not exist';

/** Copies, the older listing, and many objects deleted at once. */
export const s3Copies: Chain = {
  service: 's3',
  seed: async ({ asRoot }) => {
    await asRoot('s3', 'CreateBucket', BUCKET);
    await asRoot('s3', 'PutObject', { ...BUCKET, Key: SOURCE, Body: 'abc' });
    await asRoot('s3', 'PutObject', { ...BUCKET, Key: 'plain', Body: 'abc' });
  },
  examples: [
    answers(
      'CopyObject',
      plain(COPY, 'plain'),
      expect.objectContaining({ CopyObjectResult: expect.objectContaining({ ETag: ETAG, LastModified: TIME }) }),
    ),
    answers('GetObject', { ...BUCKET, Key: COPY }, expect.objectContaining({ Body: 'abc' })),
    refuses('CopyObject', copying(COPY, 'missing'), 'NoSuchKey', 'The specified key does not exist.'),
    refuses('CopyObject', plain('plain', 'plain'), 'InvalidRequest', expect.stringMatching(/^This copy request is/)),
    refuses('CopyObject', { ...BUCKET, Key: COPY, CopySource: 'nobodys/a' }, 'NoSuchBucket', noBucket),
    denied('s3', 'CopyObject', plain(COPY, 'plain')),
    answers(
      'ListObjects',
      { ...BUCKET, Delimiter: '/', Marker: 'a', MaxKeys: 2 },
      expect.objectContaining({
        Name: 'copies',
        NextMarker: 'plain',
        IsTruncated: true,
        MaxKeys: 2,
        CommonPrefixes: [{ Prefix: 'a b/' }],
        Contents: [expect.objectContaining({ Key: 'plain', LastModified: TIME, ETag: ETAG, Size: 3 })],
      }),
    ),
    refuses('ListObjects', { Bucket: 'nobodys' }, 'NoSuchBucket', noBucket),
    denied('s3', 'ListObjects', BUCKET),
    answers(
      'DeleteObjects',
      { ...BUCKET, Delete: { Objects: [{ Key: SOURCE }] } },
      {
        Errors: [
          { Key: SOURCE, Code: 'AccessDenied', Message: expect.stringMatching(/perform: s3:DeleteObject on resource/) },
        ],
      },
      { as: 'nobody' },
    ),
    answers(
      'DeleteObjects',
      { ...BUCKET, Delete: { Objects: [{ Key: SOURCE }, { Key: 'missing' }] } },
      { Deleted: [{ Key: SOURCE }, { Key: 'missing' }] },
    ),
    answers('DeleteObjects', { ...BUCKET, Delete: { Objects: [{ Key: COPY }], Quiet: true } }, {}),
    refuses('DeleteObjects', { Bucket: 'nobodys', Delete: { Objects: [{ Key: 'a' }] } }, 'NoSuchBucket', noBucket),
  ],
};
