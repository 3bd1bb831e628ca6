import {
  GetParametersByPath$,
  type GetParametersByPathRequest,
  type GetParametersByPathResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { inOrder, validatePage } from '../pages';
import { parameterArn, parameterView } from '../parameterStore';
import { refuse, type Ssm, validate } from '../state';

const LARGEST_PAGE = 10;
const NAME_RULES =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

export const getParametersByPath = ({ world, parameters }: Ssm) =>
  operation<GetParametersByPathRequest, GetParametersByPathResult>(
    'ssm',
    GetParametersByPath$,
    'partial: no ParameterFilters; every parameter is a String',
    ({ input, authorize }) => {
      const { Path, Recursive = false } = input;
      validate(['path', Path, Path !== undefined, 'not be null']);
      validatePage(input, LARGEST_PAGE);
      refuse(input, 'ParameterFilters');
      if (!/^\/[a-zA-Z0-9_.\-/]*$/.test(Path!)) throw new AwsError('ValidationException', NAME_RULES);
      const path = Path!.replace(/\/+$/, '');
      authorize('ssm:GetParametersByPath', parameterArn(world, path));
      const below = [...parameters.values()].filter(({ name }) => {
        const rest = name.startsWith(`${path}/`) ? name.slice(path.length + 1) : '';
        return rest !== '' && (Recursive || !rest.includes('/'));
      });
      const { items, NextToken } = inOrder(below, ({ name }) => name, { MaxResults: LARGEST_PAGE, ...input });
      return { Parameters: items.map((parameter) => parameterView(world, parameter)), NextToken };
    },
  );
