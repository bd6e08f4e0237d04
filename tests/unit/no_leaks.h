/* SPDX-License-Identifier: MIT
 * no_leaks.h - NO_LEAKS(): nothing is lost so far. Known only in a build with AddressSanitizer. */
#ifndef HOGA_TEST_NO_LEAKS_H
#define HOGA_TEST_NO_LEAKS_H

#include <criterion/criterion.h>

#if defined(__SANITIZE_ADDRESS__)
int __lsan_do_recoverable_leak_check(void);
#define NO_LEAKS() cr_assert_eq(__lsan_do_recoverable_leak_check(), 0)
#else
#define NO_LEAKS() ((void)0)
#endif

#endif
