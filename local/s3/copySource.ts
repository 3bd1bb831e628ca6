import { AwsError } from '../world';
import { refuseUnsupported } from './store';

export function invalid(ArgumentName: string, message: string, ArgumentValue: string): AwsError {
  return new AwsError('InvalidArgument', message, 400, { ArgumentName, ArgumentValue });
}

/** `bucket/key`, with or without a slash before it, percent-encoded. Unconfirmed: a bare plus sign is a blank. */
export function sourceOf(header = ''): { Bucket: string; Key: string } {
  const [path = '', version] = header.split('?');
  refuseUnsupported({ 'CopySource with a version': version }, []);
  const [, Bucket = '', Key = ''] = /^\/?([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
  if (!Bucket) throw invalid('x-amz-copy-source', 'Invalid copy source bucket name', header);
  if (!Key) throw invalid('x-amz-copy-source', 'Invalid copy source object key', header);
  return { Bucket, Key };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    throw invalid('x-amz-copy-source', 'Invalid copy source encoding', path);
  }
}
