import type { CompletedPart } from '@aws-sdk/client-s3';
import { AwsError } from '../world';
import { type Checksum, checksumOf, digest } from './checksums';
import { type Bucket, type Part, type StoredObject, type Upload, unquoted } from './store';

const SMALLEST_PART = 5 * 1024 * 1024;

interface NumberedPart extends Part {
  number: number;
}

/** An upload under way, of this very key. */
export function uploadNamed({ uploads }: Bucket, key: string, id = ''): Upload {
  const upload = uploads.get(id);
  if (upload?.key === key) return upload;
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  throw new AwsError('NoSuchUpload', message, 404, { UploadId: id });
}

export function checkPartNumber(value: number | undefined): number {
  if (value !== undefined && Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  const message = 'Part number must be an integer between 1 and 10000, inclusive';
  throw new AwsError('InvalidArgument', message, 400, { ArgumentName: 'partNumber', ArgumentValue: String(value) });
}

/** The parts that the client lists, as they were uploaded. */
function listedParts(upload: Upload, uploadId: string, listed: CompletedPart[]): NumberedPart[] {
  const numbers = listed.map(({ PartNumber }) => checkPartNumber(PartNumber));
  if (numbers.some((number, place) => place > 0 && number <= numbers[place - 1]!)) {
    const message = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
    throw new AwsError('InvalidPartOrder', message, 400, { UploadId: uploadId });
  }
  return listed.map((item, place) => {
    const part = upload.parts.get(numbers[place]!);
    const member = upload.algorithm && (`Checksum${upload.algorithm}` as const);
    const same = unquoted(part?.etag) === unquoted(item.ETag) && (!member || part?.checksum[member] === item[member]);
    if (part && same) return { ...part, number: numbers[place]! };
    const message =
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    const fields = { UploadId: uploadId, PartNumber: String(numbers[place]), ETag: unquoted(item.ETag) };
    throw new AwsError('InvalidPart', message, 400, fields);
  });
}

function checkSizes(parts: NumberedPart[]): void {
  const small = parts.slice(0, -1).find(({ body }) => body.length < SMALLEST_PART);
  if (!small) return;
  const { body, etag, number } = small;
  throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    ProposedSize: String(body.length),
    MinSizeAllowed: String(SMALLEST_PART),
    PartNumber: String(number),
    ETag: unquoted(etag),
  });
}

/** CRC64NVME is the whole body's; all others are made of the parts' checksums. */
function wholeChecksum({ algorithm }: Upload, parts: Part[], body: Uint8Array): StoredObject['checksum'] {
  if (!algorithm) return {};
  const member = `Checksum${algorithm}` as const satisfies keyof Checksum;
  if (algorithm === 'CRC64NVME') return { [member]: checksumOf(algorithm, body), ChecksumType: 'FULL_OBJECT' };
  const bytes = Buffer.concat(parts.map(({ checksum }) => Buffer.from(checksum[member]!, 'base64')));
  return { [member]: `${checksumOf(algorithm, bytes)}-${parts.length}`, ChecksumType: 'COMPOSITE' };
}

/** The object that the listed parts make. */
export function assembled(upload: Upload, uploadId: string, listed: CompletedPart[], lastModified: Date): StoredObject {
  const { contentType, contentEncoding, kept, metadata } = upload;
  const parts = listedParts(upload, uploadId, listed);
  checkSizes(parts);
  const body = new Uint8Array(Buffer.concat(parts.map((part) => part.body)));
  const hashes = parts.map(({ etag }) => Buffer.from(unquoted(etag), 'hex'));
  const etag = `"${digest('md5', Buffer.concat(hashes)).toString('hex')}-${parts.length}"`;
  const checksum = wholeChecksum(upload, parts, body);
  return { contentType, contentEncoding, kept, metadata, body, etag, lastModified, checksum };
}
