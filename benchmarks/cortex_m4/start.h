#include <stdint.h>

int main(void);

/* Writes a word to the host, in hexadecimal. */
void write_word(uint32_t word);

/* Marks the stack that is free; the bytes that have been used since. */
void paint_stack(void);
uint32_t painted_stack_used(void);
