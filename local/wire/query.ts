import type { AwsError, Operation } from '../world';
import { escapeXml, text, type WireRequest, xmlResponse } from './message';
import type { Protocol } from './protocol';
import { inputFromQuery, outputToXmlElements } from './schemas';

const read = new WeakMap<WireRequest, URLSearchParams>();

/** Read once: they say which operation it is, and what it gets. */
function parameters(request: WireRequest): URLSearchParams {
  const known = read.get(request);
  if (known) return known;
  const params = new URLSearchParams(request.method === 'POST' ? text(request.body) : request.query);
  read.set(request, params);
  return params;
}

/** An operation exists in one version of the API only: Action=X&Version=Y. */
const actionOf = (version: string) => (request: WireRequest) => {
  const params = parameters(request);
  const action = params.get('Action');
  return action && params.get('Version') === version ? { operation: action } : undefined;
};

const input = (operation: Operation, request: WireRequest) => inputFromQuery(operation, parameters(request));

const headers = (requestId: string) => ({ 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId });

const codeAndMessage = (error: AwsError) =>
  `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;

/** aws-facts 1.1 */
export const ec2Query: Protocol = {
  dialect: 'ec2',
  target: actionOf('2016-11-15'),
  input,
  success: (operation, output, requestId) => {
    const elements = `<requestId>${requestId}</requestId>${outputToXmlElements(operation, output) ?? ''}`;
    const root = `${operation.name}Response`;
    const xml = `<${root} xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${elements}</${root}>`;
    return xmlResponse(200, xml, headers(requestId));
  },
  failure: (error, requestId) => {
    const errors = `<Errors><Error>${codeAndMessage(error)}</Error></Errors>`;
    const xml = `<Response>${errors}<RequestID>${requestId}</RequestID></Response>`;
    return xmlResponse(error.status, xml, headers(requestId));
  },
};

/** aws-facts 2.1, aws-facts-2 10.1 */
function awsQuery(version: string, xmlNamespace: string): Protocol {
  return {
    dialect: 'query',
    target: actionOf(version),
    input,
    success: (operation, output, requestId) => {
      const elements = outputToXmlElements(operation, output);
      // An output without members is still there, empty: clients look for it.
      const result = elements === undefined ? '' : `<${operation.name}Result>${elements}</${operation.name}Result>`;
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const root = `${operation.name}Response`;
      return xmlResponse(200, `<${root} xmlns="${xmlNamespace}">${result}${metadata}</${root}>`, headers(requestId));
    },
    failure: (error, requestId) => {
      const type = error.status < 500 ? 'Sender' : 'Receiver';
      const element = `<Error><Type>${type}</Type>${codeAndMessage(error)}</Error>`;
      const xml = `<ErrorResponse xmlns="${xmlNamespace}">${element}<RequestId>${requestId}</RequestId></ErrorResponse>`;
      return xmlResponse(error.status, xml, headers(requestId));
    },
  };
}

export const iamQuery = awsQuery('2010-05-08', 'https://iam.amazonaws.com/doc/2010-05-08/');
export const stsQuery = awsQuery('2011-06-15', 'https://sts.amazonaws.com/doc/2011-06-15/');
