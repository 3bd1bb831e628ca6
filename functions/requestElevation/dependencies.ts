import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Deps } from '../common/lambda';
import type { PreflightClients } from '../common/preflight/subject';

/** The preflight's clients are the doctor's. */
export type Clients = PreflightClients & { sfn: SFNClient };
export type Dependencies = Deps<Clients>;
