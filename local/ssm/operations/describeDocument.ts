import {
  DescribeDocument$,
  type DescribeDocumentRequest,
  type DescribeDocumentResult,
  type DocumentParameter,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { documentArn, findDocument, type ParameterSpec } from '../documents';
import { refuse, type Ssm, validate } from '../state';

export const describeDocument = ({ world, documents }: Ssm) =>
  operation<DescribeDocumentRequest, DescribeDocumentResult>(
    'ssm',
    DescribeDocument$,
    'partial: no hash, no dates; every document has one version',
    ({ input, authorize }) => {
      validate(['name', input.Name, input.Name !== undefined, 'not be null']);
      refuse(input, 'VersionName');
      authorize('ssm:DescribeDocument', documentArn(world, documents, input.Name!));
      const document = findDocument(world, documents, input.Name!, input.DocumentVersion);
      return {
        Document: {
          Name: document.name,
          Owner: document.owner,
          Status: 'Active',
          DocumentVersion: '1',
          Description: document.description,
          Parameters: Object.entries(document.parameters).map(parameterView),
          PlatformTypes: document.platforms,
          DocumentType: 'Command',
          SchemaVersion: document.schemaVersion,
          LatestVersion: '1',
          DefaultVersion: '1',
          DocumentFormat: 'JSON',
          Tags: [],
        },
      };
    },
  );

function parameterView([Name, spec]: [string, ParameterSpec]): DocumentParameter {
  const { type: Type, description: Description, default: value } = spec;
  return { Name, Type, Description, DefaultValue: Array.isArray(value) ? JSON.stringify(value) : value };
}
