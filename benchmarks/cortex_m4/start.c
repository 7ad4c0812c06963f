/* What a Cortex-M4 does before main, and its way to the host: semihosting. */
#include "start.h"

extern uint32_t stack_limit[], stack_end[];
extern uint32_t data_source[], data_start[], data_end[], bss_start[], bss_end[];

void reset(void);
void fault(void);

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_end, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault,
};

static int call_host(int operation, const void *argument)
{
    register int number __asm__("r0") = operation;
    register const void *block __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(number) : "r"(block) : "memory");
    return number;
}

static void leave(uint32_t status)
{
    const uint32_t block[2] = {0x20026, status};
    call_host(0x20, block);
    for (;;) {
    }
}

void reset(void)
{
    uint32_t *source = data_source, *word;
    for (word = data_start; word < data_end; word++) {
        *word = *source++;
    }
    for (word = bss_start; word < bss_end; word++) {
        *word = 0;
    }
#ifdef __ARM_FP
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb");
#endif
    leave((uint32_t)main());
}

void fault(void)
{
    leave(255);
}

void write_word(uint32_t word)
{
    char text[10] = "00000000\n";
    int i;
    for (i = 7; i >= 0; i--) {
        text[i] = "0123456789abcdef"[word & 15u];
        word >>= 4;
    }
    call_host(4, text);
}

void paint_stack(void)
{
    volatile uint32_t *word;
    for (word = stack_limit; word < (uint32_t *)__builtin_frame_address(0) - 16; word++) {
        *word = 0xa5a5a5a5u;
    }
}

uint32_t painted_stack_used(void)
{
    const uint32_t *word = stack_limit;
    while (*word == 0xa5a5a5a5u) {
        word++;
    }
    return (uint32_t)((uintptr_t)stack_end - (uintptr_t)word);
}
