#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "reader.h"

#define FILES_MAX 100000 /* in one directory tree: more is not research data but somebody's disk */

void source_paths_release(struct source_paths *paths)
{
	for (size_t i = 0; i < paths->len; i++)
		free(paths->items[i]);
	free(paths->items);
	*paths = (struct source_paths){ 0 };
}

/* Takes path, on failure too. */
static int take_path(struct source_paths *paths, char *path, struct persona_error *err)
{
	if (persona_grow((void **)&paths->items, &paths->capacity, paths->len, sizeof *paths->items, err) < 0) {
		free(path);
		return -1;
	}
	paths->items[paths->len++] = path;
	return 0;
}

char *source_join(const char *root, const char *rest, struct persona_error *err)
{
	struct persona_buf path;
	size_t len = strlen(root);
	int rc;

	persona_buf_init(&path, SIZE_MAX);
	rc = persona_buf_addf(&path, err, "%s%s%s", root, len && root[len - 1] != '/' ? "/" : "", rest);
	if (!rc)
		return persona_buf_take(&path);
	persona_buf_release(&path);
	return NULL;
}

int source_skip(struct persona_sources *sources, const char *text, bool unreadable, struct persona_error *err)
{
	char *copy;

	if (persona_grow((void **)&sources->skipped, &sources->skipped_capacity, sources->skipped_len,
			 sizeof *sources->skipped, err) < 0)
		return -1;
	copy = persona_strdup(text, err);
	if (!copy)
		return -1;
	sources->skipped[sources->skipped_len++] = (struct persona_skipped_file){ copy, unreadable };
	return 0;
}

static int skip(struct persona_sources *sources, const char *path, const char *reason, bool unreadable,
		struct persona_error *err)
{
	struct persona_error text;

	(void)source_fail(&text, PERSONA_E_IO, path, 0, "%s", reason);
	return source_skip(sources, text.text, unreadable, err);
}

/* Sort an entry into files or directories. Takes relative, on failure too. */
static int classify(struct source_paths *files, struct source_paths *directories, struct persona_sources *sources,
		    const char *full, char *relative, struct persona_error *err)
{
	const char *reason = NULL;
	struct stat status;
	bool linked, lost = lstat(full, &status) < 0;

	if (lost) {
		reason = strerror(errno);
	} else {
		linked = S_ISLNK(status.st_mode);
		lost = linked && stat(full, &status) < 0;
		if (lost)
			reason = "a symbolic link to nothing";
		else if (linked && S_ISDIR(status.st_mode))
			reason = "a symbolic link to a directory";
		else if (S_ISDIR(status.st_mode))
			return take_path(directories, relative, err);
		else if (!S_ISREG(status.st_mode))
			reason = "not a regular file";
	}
	if (!reason)
		return take_path(files, relative, err);
	free(relative);
	return skip(sources, full, reason, lost && source_format_by_path(full), err);
}

/* The entries of one directory; at: relative to root, "" for root itself. */
static int list(struct source_paths *files, struct source_paths *directories, struct persona_sources *sources,
		const char *root, const char *at, struct persona_error *err)
{
	char *path = *at ? source_join(root, at, err) : persona_strdup(root, err);
	DIR *directory = path ? opendir(path) : NULL;
	struct dirent *entry;
	int rc = -1;

	if (!path)
		return -1;
	if (!directory && *at)
		rc = skip(sources, path, strerror(errno), true, err);
	else if (!directory)
		rc = source_fail(err, PERSONA_E_IO, path, 0, "%s", strerror(errno));
	if (!directory)
		goto out;
	while (errno = 0, (entry = readdir(directory))) {
		char *full, *relative;

		if (entry->d_name[0] == '.')
			continue;
		if (files->len + directories->len >= FILES_MAX) {
			(void)source_fail(err, PERSONA_E_FORMAT, root, 0, "more than %d files", FILES_MAX);
			goto out;
		}
		full = source_join(path, entry->d_name, err);
		relative = source_join(at, entry->d_name, err);
		if (!full || !relative)
			free(relative);
		else
			rc = classify(files, directories, sources, full, relative, err);
		free(full);
		if (!full || !relative || rc < 0) {
			rc = -1;
			goto out;
		}
	}
	rc = errno ? source_fail(err, PERSONA_E_IO, path, 0, "%s", strerror(errno)) : 0;
out:
	if (directory)
		closedir(directory);
	free(path);
	return rc;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int source_walk(struct source_paths *out, struct persona_sources *sources, const char *root, struct persona_error *err)
{
	struct source_paths directories = { 0 };
	int rc;

	*out = (struct source_paths){ 0 };
	rc = list(out, &directories, sources, root, "", err);
	for (size_t i = 0; !rc && i < directories.len; i++)
		rc = list(out, &directories, sources, root, directories.items[i], err);
	source_paths_release(&directories);
	if (rc < 0)
		source_paths_release(out);
	else if (out->len)
		qsort(out->items, out->len, sizeof *out->items, compare);
	return rc;
}
