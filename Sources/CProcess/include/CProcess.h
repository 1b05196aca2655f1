#ifndef CODISTILL_CPROCESS_H
#define CODISTILL_CPROCESS_H

#include <stdbool.h>
#include <stddef.h>

/// The number of words of the command line, the program's own name included.
int cp_argument_count(void);

/// A word of the command line as the system handed it over; Swift reads /proc, which may not be
/// mounted.
const char *cp_argument(int index);

/// Whether standard input, output or error was closed when the process began.
bool cp_was_closed(int descriptor);

/// Ends the process with a line and exit code 69 unless it may have descriptors, a stack and so many
/// threads beside this one.
void cp_require_basics(int threads);

/// Whether the addresses for so many bytes can be had in one piece now.
bool cp_has_room(size_t bytes);

/// Ends the process for want of so many bytes: a line on standard error, exit code 69.
_Noreturn void cp_end_without_memory(size_t bytes);

/// Ends the process: `codistill: error: text` on standard error, and an exit code.
_Noreturn void cp_end(const char *text, int status);

/// Whether work started on this thread must stay on it.
bool cp_thread_is_serial(void);

/// Marks this thread as one that must not split its work further.
void cp_set_thread_is_serial(bool serial);

#endif
