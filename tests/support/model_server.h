/*
 * model_server.h - a model provider for tests: listens on 127.0.0.1, speaks the wire formats of OpenAI, Anthropic, Gemini
 * and Ollama, answers as scripted, fails as told, and counts what it saw.
 *
 * The same code is a program, tests/model-server in a build folder (--help). Options are set by name, from its
 * command line, from a test, or while it runs through POST /control. Uses: libmicrohttpd, jansson, persona/base.h.
 */
#ifndef MODEL_SERVER_H
#define MODEL_SERVER_H

#include <jansson.h>

#include "persona/base.h"

struct model_server;

/* name, value, name, value, …, NULL. The server listens when this returns. Errors: PERSONA_E_USAGE, _IO, _NOMEM. */
int model_server_start(struct model_server **out, const char *const *options,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/* Close everything, answers that wait included. NULL is allowed. */
void model_server_stop(struct model_server *server);

/* http://127.0.0.1:PORT or https://…; lives as long as the server. */
const char *model_server_url(const struct model_server *server);

/* Change an option now. Errors: PERSONA_E_USAGE, _IO. */
int model_server_set(struct model_server *server, const char *name, const char *value,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/* What GET /stats says; the caller's reference. NULL: no memory. */
json_t *model_server_stats(struct model_server *server);

/* One number of it, such as "requests"; -1 where there is none of this name. */
long long model_server_count(struct model_server *server, const char *name);

/* All options with a line each, for --help. */
extern const char model_server_help[];

#endif
