import { GetParameter$, type GetParameterRequest, type GetParameterResult } from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { parameterArn, parameterView } from '../parameterStore';
import { type Ssm, validate } from '../state';

export const getParameter = ({ world, parameters }: Ssm) =>
  operation<GetParameterRequest, GetParameterResult>(
    'ssm',
    GetParameter$,
    'partial: by name; no ARNs, versions or labels; every parameter is a String',
    ({ input: { Name }, authorize }) => {
      validate(['name', Name, Name !== undefined, 'not be null']);
      const name = Name!;
      if (name.includes(':')) {
        throw new AwsError('ValidationException', 'Not supported by the embedded AWS: Name other than a name');
      }
      authorize('ssm:GetParameter', parameterArn(world, name));
      const parameter = parameters.get(name);
      // AWS says no more.
      if (!parameter) throw new AwsError('ParameterNotFound', '');
      return { Parameter: parameterView(world, parameter) };
    },
  );
