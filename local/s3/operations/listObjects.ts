import { ListObjects$, type ListObjectsOutput, type ListObjectsRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { encoder, entries, LISTING, LISTING_MEMBERS, listedBucket, page } from '../listing';
import { refuseUnsupported, type Store } from '../store';

/** The older listing. Clients go on from the last key; only where keys are grouped does S3 say how. */
export const listObjects = (store: Store) =>
  operation<ListObjectsRequest, ListObjectsOutput>('s3', ListObjects$, LISTING, (call) => {
    const { input } = call;
    refuseUnsupported(input, [...LISTING_MEMBERS, 'Marker']);
    const { Delimiter, Marker = '' } = input;
    const all = entries(listedBucket(store, call), input, Marker);
    // A marker that names or is in a group stands behind all of it.
    const left = all.filter(({ name, object }) => object || !Marker.startsWith(name));
    const { last, description } = page(left, input);
    const encode = encoder(input);
    return { ...description, Marker: encode(Marker), NextMarker: Delimiter && last && encode(last.name) };
  });
