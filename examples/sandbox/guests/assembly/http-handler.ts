// The part of the http-wasm handler ABI that the guests here use.

@external("http_handler", "enable_features")
export declare function enableFeatures(features: u32): u32;
@external("http_handler", "get_header_values")
export declare function getHeaderValues(kind: u32, name: usize, nameLength: u32, buf: usize, limit: u32): u64;
@external("http_handler", "set_header_value")
export declare function setHeaderValue(kind: u32, name: usize, nameLength: u32, value: usize, length: u32): void;
@external("http_handler", "read_body")
export declare function readBody(kind: u32, buf: usize, limit: u32): u64;
@external("http_handler", "write_body")
export declare function writeBody(kind: u32, body: usize, length: u32): void;
@external("http_handler", "set_status_code")
export declare function setStatusCode(status: u32): void;

export const REQUEST: u32 = 0;
export const RESPONSE: u32 = 1;
export const NEXT: u64 = 1;
export const ANSWERED: u64 = 0;
