/** How an IAM ARN's last part begins, in AWS's order. */
const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/** What IAM says of a Resource that it does not take, in its words; undefined when it takes it. */
export function resourceFault(resource: string): string | undefined {
  if (resource === '*') return undefined;
  const [, service = '', region, id = ''] = /^arn:[^:]*:([^:]*):([^:]*):[^:]*:(.*)$/s.exec(resource) ?? [];
  if (region === undefined) return `Resource ${resource} must be in ARN format or "*".`;
  if (/[*?]/.test(service)) return 'Resource vendor must be fully qualified and cannot contain regexes.';
  if (service === 's3' && region !== '' && !id.startsWith('accesspoint/')) {
    return `Resource ${resource} can not contain region information.`;
  }
  if (service !== 'iam') return undefined;
  if (region !== '') return `IAM resource ${resource} cannot contain region information.`;
  if (id === '*' || IAM_PATHS.some((path) => id.startsWith(path))) return undefined;
  return `IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`;
}
