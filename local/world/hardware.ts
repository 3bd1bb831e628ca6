import type { World } from './world';

/** What no instance here has a say in, as EC2 and the metadata service show it. */
export const HARDWARE = { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', Architecture: 'x86_64' } as const;

/** Every instance is in the first zone. */
export const zoneOf = ({ region }: World) => `${region}a`;
