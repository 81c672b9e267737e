/* The host functions of Extism (extism.org) that the guests here use. A block_t is the handle of a block of bytes, 0 none. */
#ifndef EXTISM_H
#define EXTISM_H

typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 block_t;

#define EXTISM_IMPORT(function, name) __attribute__((import_module("extism:host/env"), import_name(#name))) function
#define EXPORT(name) __attribute__((export_name(#name))) name

u64 EXTISM_IMPORT(input_length, input_length)(void);
unsigned char EXTISM_IMPORT(input_byte, input_load_u8)(u64 offset);
block_t EXTISM_IMPORT(block, alloc)(u64 length);
void EXTISM_IMPORT(put_byte, store_u8)(u64 at, unsigned char value);
void EXTISM_IMPORT(set_output, output_set)(block_t block, u64 length);
void EXTISM_IMPORT(set_error, error_set)(block_t block);

#endif
