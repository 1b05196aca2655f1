#include "CKernels.h"

static _Thread_local bool thread_is_serial = false;

bool ck_thread_is_serial(void) { return thread_is_serial; }

void ck_set_thread_is_serial(bool serial) { thread_is_serial = serial; }
