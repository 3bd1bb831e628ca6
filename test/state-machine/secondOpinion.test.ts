import { describe } from '@jest/globals';
import { secondOpinion } from '../support/secondOpinion';
import { ourFunctions, sameAnswers } from './cases';

/*
 * The two ASL files, unchanged, in aws-local-stepfunctions, which shares no code with local/states. Where it differs from
 * AWS: docs/local-aws.md, Other engines.
 */

describe('on the same answers', () => sameAnswers(secondOpinion(), { timeouts: true }));
describe('on our functions', () => ourFunctions(secondOpinion('skipped')));
