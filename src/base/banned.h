/*
 * Functions that this project does not call, because they write past ends, keep
 * hidden state, or hide errors. Every file of ours includes this first (the build does it).
 */
#ifndef PERSONA_BANNED_H
#define PERSONA_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PERSONA_BANNED(function) persona_banned_##function

#undef strcpy
#define strcpy(to, from) PERSONA_BANNED(strcpy)
#undef stpcpy
#define stpcpy(to, from) PERSONA_BANNED(stpcpy)
#undef strcat
#define strcat(to, from) PERSONA_BANNED(strcat)
#undef strncpy
#define strncpy(to, from, size) PERSONA_BANNED(strncpy)
#undef strncat
#define strncat(to, from, size) PERSONA_BANNED(strncat)
#undef sprintf
#define sprintf(...) PERSONA_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) PERSONA_BANNED(vsprintf)
#undef strtok
#define strtok(text, delimiters) PERSONA_BANNED(strtok)
#undef gets
#define gets(buffer) PERSONA_BANNED(gets)
#undef atoi
#define atoi(text) PERSONA_BANNED(atoi)
#undef atol
#define atol(text) PERSONA_BANNED(atol)
#undef atof
#define atof(text) PERSONA_BANNED(atof)
#undef gmtime
#define gmtime(time) PERSONA_BANNED(gmtime)
#undef localtime
#define localtime(time) PERSONA_BANNED(localtime)
#undef ctime
#define ctime(time) PERSONA_BANNED(ctime)
#undef asctime
#define asctime(time) PERSONA_BANNED(asctime)
#undef rand
#define rand() PERSONA_BANNED(rand)
#undef srand
#define srand(seed) PERSONA_BANNED(srand)
#undef system
#define system(command) PERSONA_BANNED(system)
#undef mktemp
#define mktemp(template) PERSONA_BANNED(mktemp)
#undef tmpnam
#define tmpnam(name) PERSONA_BANNED(tmpnam)

#endif
