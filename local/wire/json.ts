import type { Operation } from '../world';
import { unreadable } from './jsonTypes';
import { bytes, text, type WireRequest } from './message';
import type { Protocol } from './protocol';
import { inputFromJson, outputToJson } from './schemas';

/** Errors of the front end that all JSON services share, not of one service's model. */
const FRONT_END =
  /^(AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|MissingAuthenticationToken|UnknownOperation|Serialization)Exception$/;

function input(operation: Operation, request: WireRequest): Promise<unknown> {
  return inputFromJson(operation, parse(text(request.body)));
}

/** An empty body is not an empty object. */
function parse(body: string): object {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw unreadable();
  }
  if (typeof value !== 'object' || value === null) throw unreadable();
  return value;
}

/**
 * aws-facts 4.1, aws-facts-2 10.6: AccessDeniedException comes with a namespace and a capital Message, as does
 * SerializationException, if it has one.
 * `messageKey`: how the service's own errors spell it (SSM's model has Message, that of Step Functions message).
 */
function awsJson(version: '1.0' | '1.1', targetPrefix: string, messageKey: 'Message' | 'message'): Protocol {
  const headers = (requestId: string) => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': requestId,
  });
  return {
    dialect: 'json',
    target: (request) => {
      const [prefix, operation] = (request.headers['x-amz-target'] ?? '').split('.');
      return prefix === targetPrefix && operation ? { operation } : undefined;
    },
    input,
    success: (operation, output, requestId) => ({
      status: 200,
      headers: headers(requestId),
      body: outputToJson(operation, output),
    }),
    failure: ({ code, message, status }, requestId) => {
      const type = FRONT_END.test(code) ? `com.amazon.coral.service#${code}` : code;
      const key = /^(AccessDenied|Serialization)Exception$/.test(code) ? 'Message' : messageKey;
      const error = { __type: type, [key]: message || undefined };
      return { status, headers: headers(requestId), body: bytes(JSON.stringify(error)) };
    },
  };
}

export const ssmJson = awsJson('1.1', 'AmazonSSM', 'Message');
export const logsJson = awsJson('1.1', 'Logs_20140328', 'message');
export const statesJson = awsJson('1.0', 'AWSStepFunctions', 'message');
