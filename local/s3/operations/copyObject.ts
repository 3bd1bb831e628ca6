import { CopyObject$, type CopyObjectOutput, type CopyObjectRequest } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { algorithmNamed, checksumOf, digest, isAlgorithm } from '../checksums';
import { invalid, sourceOf } from '../copySource';
import { existingObject } from '../reading';
import { attributesOf, bucketNamed, KEPT, objectArn, refuseUnsupported, type Store, type StoredObject } from '../store';

const SUPPORTED = [
  'Bucket',
  'Key',
  'CopySource',
  'ChecksumAlgorithm',
  ...KEPT,
  'ContentEncoding',
  'ContentType',
  'Metadata',
  'MetadataDirective',
];

/** Whether the copy gets attributes of its own. Without that those in the request mean nothing. */
function replaces({ MetadataDirective: directive = 'COPY' }: CopyObjectRequest): boolean {
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw invalid('x-amz-metadata-directive', 'Unknown metadata directive.', directive);
}

/** The copy is one piece, whatever its source was uploaded as; it keeps the kind of its checksum. */
function marksOf({ body, checksum }: StoredObject, asked?: string): Pick<StoredObject, 'etag' | 'checksum'> {
  const kept = Object.keys(checksum).map((member) => member.slice('Checksum'.length));
  const algorithm = algorithmNamed(asked) ?? kept.find(isAlgorithm);
  return {
    etag: `"${digest('md5', body).toString('hex')}"`,
    checksum: algorithm ? { [`Checksum${algorithm}`]: checksumOf(algorithm, body), ChecksumType: 'FULL_OBJECT' } : {},
  };
}

export const copyObject = (store: Store) =>
  operation<CopyObjectRequest, CopyObjectOutput>('s3', CopyObject$, 'partial: as PutObject; no versions', (call) => {
    const { input, world, authorize } = call;
    refuseUnsupported(input, SUPPORTED);
    const { Bucket = '', Key = '' } = input;
    const from = sourceOf(input.CopySource);
    const replacing = replaces(input);
    const { objects } = bucketNamed(store, Bucket);
    // Unconfirmed: the target is looked at before the source.
    authorize('s3:PutObject', objectArn(world, Bucket, Key));
    const source = existingObject(store, call, from);
    if (from.Bucket === Bucket && from.Key === Key && !replacing) {
      const message =
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
      throw new AwsError('InvalidRequest', message);
    }
    const attributes = replacing ? attributesOf(input) : source;
    const LastModified = new Date(world.clock.now());
    const { etag, checksum } = marksOf(source, input.ChecksumAlgorithm);
    const copy = { ...source, ...attributes, etag, checksum, lastModified: LastModified };
    objects.set(Key, copy);
    return { ServerSideEncryption: 'AES256', CopyObjectResult: { ETag: etag, LastModified, ...checksum } };
  });
