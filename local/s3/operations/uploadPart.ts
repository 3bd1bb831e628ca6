import { UploadPart$, type UploadPartOutput, type UploadPartRequest } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { CHECKSUM_MEMBERS, type Checksum, digest, verifiedChecksum } from '../checksums';
import { checkPartNumber, uploadNamed } from '../multipart';
import { bucketNamed, objectArn, refuseUnsupported, type Store, type Upload } from '../store';

type Input = Omit<UploadPartRequest, 'Body'> & { Body?: Uint8Array };

const SUPPORTED = [
  'Bucket',
  'Key',
  'Body',
  'ContentLength',
  'ContentMD5',
  'ChecksumAlgorithm',
  ...CHECKSUM_MEMBERS,
  'PartNumber',
  'UploadId',
];

/** A part brings the checksum that was announced. */
function checkAlgorithm({ algorithm }: Upload, checksum: Checksum): void {
  if (!algorithm || checksum[`Checksum${algorithm}`] !== undefined) return;
  const actual = Object.keys(checksum)[0]?.slice('Checksum'.length).toLowerCase() ?? 'null';
  const expected = `expected checksum Type: ${algorithm.toLowerCase()}`;
  throw new AwsError('InvalidRequest', `Checksum Type mismatch occurred, ${expected}, actual checksum Type: ${actual}`);
}

export const uploadPart = (store: Store) =>
  operation<Input, UploadPartOutput>(
    's3',
    UploadPart$,
    'partial: as PutObject; at most 64 MiB',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, SUPPORTED);
      const { Bucket = '', Key = '', Body: body = new Uint8Array(), UploadId } = input;
      const number = checkPartNumber(input.PartNumber);
      const bucket = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const upload = uploadNamed(bucket, Key, UploadId);
      const checksum = verifiedChecksum(input, body);
      checkAlgorithm(upload, checksum);
      const etag = `"${digest('md5', body).toString('hex')}"`;
      upload.parts.set(number, { body, etag, checksum });
      return { ETag: etag, ServerSideEncryption: 'AES256', ...checksum };
    },
  );
