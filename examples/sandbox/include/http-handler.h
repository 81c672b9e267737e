/* The http-wasm handler ABI (http-wasm.io/http-handler-abi) for guests in C, without a library. */
#ifndef HTTP_HANDLER_H
#define HTTP_HANDLER_H

#define HTTP_IMPORT(name) __attribute__((import_module("http_handler"), import_name(#name))) name
#define EXPORT(name) __attribute__((export_name(#name))) name

typedef unsigned int u32;
typedef unsigned long long u64;

enum { HEADERS_REQUEST, HEADERS_RESPONSE, TRAILERS_REQUEST, TRAILERS_RESPONSE };
enum { BODY_REQUEST, BODY_RESPONSE };
enum { BUFFER_REQUEST = 1, BUFFER_RESPONSE = 2, TRAILERS = 4 };
enum { LOG_DEBUG = -1, LOG_INFO, LOG_WARN, LOG_ERROR };

u32 HTTP_IMPORT(enable_features)(u32 features);
u32 HTTP_IMPORT(get_config)(void *buf, u32 limit);
void HTTP_IMPORT(log)(int level, const char *message, u32 length);
u32 HTTP_IMPORT(log_enabled)(int level);
u32 HTTP_IMPORT(get_method)(void *buf, u32 limit);
void HTTP_IMPORT(set_method)(const char *method, u32 length);
u32 HTTP_IMPORT(get_uri)(void *buf, u32 limit);
void HTTP_IMPORT(set_uri)(const char *uri, u32 length);
u32 HTTP_IMPORT(get_protocol_version)(void *buf, u32 limit);
u32 HTTP_IMPORT(get_source_addr)(void *buf, u32 limit);
/* How many there are in the upper half, their bytes in the lower; each with a NUL behind it. */
u64 HTTP_IMPORT(get_header_names)(u32 kind, void *buf, u32 limit);
u64 HTTP_IMPORT(get_header_values)(u32 kind, const char *name, u32 name_length, void *buf, u32 limit);
void HTTP_IMPORT(set_header_value)(u32 kind, const char *name, u32 name_length, const char *value, u32 length);
void HTTP_IMPORT(add_header_value)(u32 kind, const char *name, u32 name_length, const char *value, u32 length);
void HTTP_IMPORT(remove_header)(u32 kind, const char *name, u32 name_length);
/* 1 in the upper half at the end of the body; in the lower half how many bytes were read. */
u64 HTTP_IMPORT(read_body)(u32 kind, void *buf, u32 limit);
void HTTP_IMPORT(write_body)(u32 kind, const void *body, u32 length);
u32 HTTP_IMPORT(get_status_code)(void);
void HTTP_IMPORT(set_status_code)(u32 status);

/* The key-value store of the sandbox, which outlives calls. Times are milliseconds, 0 for ever. */
#define KV_IMPORT(function, name) __attribute__((import_module("key_value"), import_name(#name))) function

int KV_IMPORT(kv_get, get)(const char *key, u32 key_length, void *buf, u32 limit);
int KV_IMPORT(kv_set, set)(const char *key, u32 key_length, const void *value, u32 length, u64 ttl_ms);
int KV_IMPORT(kv_delete, delete)(const char *key, u32 key_length);
long long KV_IMPORT(kv_increment, increment)(const char *key, u32 key_length, long long by, u64 ttl_ms);

/* The clock of WASI: 0 is the time of day, 1 one that only goes forward. Nanoseconds. */
__attribute__((import_module("wasi_snapshot_preview1"), import_name("clock_time_get")))
int clock_time_get(u32 clock, u64 precision, u64 *time);

/* Of a text that is written here. */
#define LITERAL(text) text, sizeof(text) - 1

#define NEXT 1ull
#define ANSWERED 0ull

#endif
