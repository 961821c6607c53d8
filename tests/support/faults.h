/*
 * Faults: the functions here stand before those of the shared libraries, and the nth call of the kind
 * that is chosen fails, in the thread that chose. For the programs test_torture: tests/CMakeLists.txt has
 * their linker lead what the library allocates here, too.
 */
#ifndef PERSONA_TEST_FAULTS_H
#define PERSONA_TEST_FAULTS_H

#include <dlfcn.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum kind { STEP, PREPARE, BIND, TEXT, DIGEST, JSON, MEMORY, KINDS };

static _Thread_local enum kind chosen;
static _Thread_local int countdown; /* 0: nothing fails */
static _Thread_local bool fired;
static _Thread_local int within_exec; /* SQLite calls itself: not our calls */

/*
 * From one call that fails to the next that is tried: each, but for the thread sanitizer, which takes ten times as long and
 * looks for something else.
 */
#ifdef __SANITIZE_THREAD__
#define NTH_STEP 10
#else
#define NTH_STEP 1
#endif

static bool fails_now(enum kind kind)
{
	if (within_exec || kind != chosen || countdown == 0 || --countdown > 0)
		return false;
	fired = true;
	return true;
}

/* The function of that name in the shared library; through a union, as ISO C has no such conversion. */
#define REAL(name)                                                                                                     \
	static __typeof__(name) *real;                                                                                 \
	union {                                                                                                        \
		void *object;                                                                                          \
		__typeof__(name) *function;                                                                            \
	} found;                                                                                                       \
	if (!real) {                                                                                                   \
		found.object = dlsym(RTLD_NEXT, #name);                                                                \
		real = found.function;                                                                                 \
	}

int sqlite3_step(sqlite3_stmt *statement)
{
	REAL(sqlite3_step)
	return fails_now(STEP) ? SQLITE_IOERR : real(statement);
}

int sqlite3_exec(sqlite3 *db, const char *text, int (*row)(void *, int, char **, char **), void *payload,
		 char **message)
{
	int code;

	REAL(sqlite3_exec)
	within_exec++;
	code = real(db, text, row, payload, message);
	within_exec--;
	return code;
}

int sqlite3_prepare_v2(sqlite3 *db, const char *text, int bytes, sqlite3_stmt **statement, const char **rest)
{
	REAL(sqlite3_prepare_v2)
	if (!fails_now(PREPARE))
		return real(db, text, bytes, statement, rest);
	*statement = NULL;
	return SQLITE_IOERR;
}

int sqlite3_prepare_v3(sqlite3 *db, const char *text, int bytes, unsigned flags, sqlite3_stmt **statement,
		       const char **rest)
{
	REAL(sqlite3_prepare_v3)
	if (!fails_now(PREPARE))
		return real(db, text, bytes, flags, statement, rest);
	*statement = NULL;
	return SQLITE_IOERR;
}

int sqlite3_bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 value)
{
	REAL(sqlite3_bind_int64)
	return fails_now(BIND) ? SQLITE_NOMEM : real(statement, index, value);
}

int sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text, int bytes, void (*destroy)(void *))
{
	REAL(sqlite3_bind_text)
	return fails_now(BIND) ? SQLITE_NOMEM : real(statement, index, text, bytes, destroy);
}

const unsigned char *sqlite3_column_text(sqlite3_stmt *statement, int column)
{
	REAL(sqlite3_column_text)
	return fails_now(TEXT) ? NULL : real(statement, column);
}

int EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t len)
{
	REAL(EVP_DigestUpdate)
	return fails_now(DIGEST) ? 0 : real(context, bytes, len);
}

int EVP_DigestInit_ex(EVP_MD_CTX *context, const EVP_MD *type, ENGINE *engine)
{
	REAL(EVP_DigestInit_ex)
	return fails_now(DIGEST) ? 0 : real(context, type, engine);
}

int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *digest, unsigned *len)
{
	REAL(EVP_DigestFinal_ex)
	return fails_now(DIGEST) ? 0 : real(context, digest, len);
}

/* ---- Memory ---------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t len, size_t size);
void *__real_realloc(void *bytes, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t len, size_t size);
void *__wrap_realloc(void *bytes, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Told of each call where it comes from: of thousands those can be chosen that happen once. */
static _Thread_local void (*on_memory)(const void *caller);

static inline bool memory_fails(const void *caller)
{
	if (on_memory)
		on_memory(caller);
	return fails_now(MEMORY);
}

void *__wrap_malloc(size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t len, size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __real_calloc(len, size);
}

void *__wrap_realloc(void *bytes, size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __real_realloc(bytes, size);
}

char *__wrap_strdup(const char *text)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __real_strndup(text, len);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int len;

	if (memory_fails(__builtin_return_address(0)))
		return -1;
	va_start(args, format);
	len = vasprintf(text, format, args);
	va_end(args);
	return len;
}

/* For json_set_alloc_funcs(). */
static inline void *json_memory(size_t size)
{
	return fails_now(JSON) ? NULL : __real_malloc(size);
}

#endif
