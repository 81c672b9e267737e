import type { HttpRequestMessage, HttpResponseMessage } from "../http-message.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { FieldList } from "./field-list.ts";

/** One request with its answer, as the functions of a guest see and change it. */
export class HttpExchange {
  method: string;
  uri: string;
  status: number;
  features: number;
  methodChanged = false;
  uriChanged = false;
  statusChanged = false;
  /** Whether what is inside was asked: the request is past then. */
  readonly isPast: boolean;
  readonly request: HttpRequestMessage;
  readonly requestHeaders: FieldList;
  readonly requestTrailers: FieldList;
  readonly requestBody: BodyBuffer;
  readonly responseHeaders: FieldList;
  readonly responseTrailers: FieldList;
  readonly responseBody: BodyBuffer;

  /** @param maxBody bytes that a guest may write as a body */
  constructor(
    maxBody: number,
    request: HttpRequestMessage,
    features: number,
    response?: HttpResponseMessage,
  ) {
    this.request = request;
    this.method = request.method;
    this.uri = request.uri;
    this.features = features;
    this.isPast = response !== undefined;
    this.status = response?.status ?? 200;
    this.requestTrailers = new FieldList(request.trailers);
    this.requestHeaders = new FieldList(request.headers);
    this.requestBody = new BodyBuffer(request.body, maxBody);
    this.responseHeaders = new FieldList(response?.headers ?? []);
    this.responseTrailers = new FieldList(response?.trailers ?? []);
    this.responseBody = new BodyBuffer(response?.body, maxBody);
  }
}
