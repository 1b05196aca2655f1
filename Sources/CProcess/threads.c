#include "CProcess.h"

static _Thread_local bool thread_is_serial = false;

bool cp_thread_is_serial(void) { return thread_is_serial; }

void cp_set_thread_is_serial(bool serial) { thread_is_serial = serial; }
