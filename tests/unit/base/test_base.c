/* Buffers, errors, hashing, growing arrays, clock, log. */
#include <check.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "persona/base.h"

/* Under the address sanitizer, too, an allocation that cannot be is to fail, not to end the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* ---- Buffers --------------------------------------------------------- */

/* What must hold of every buffer at any time. */
static void assert_sane(const struct persona_buf *buf)
{
	ck_assert_ptr_nonnull(buf->data);
	ck_assert_uint_le(buf->len, buf->max);
	ck_assert_int_eq(buf->data[buf->len], '\0');
	ck_assert(buf->size == 0 || buf->size > buf->len);
}

START_TEST(buf_starts_empty_and_returns_there)
{
	struct persona_error err = { 0 };
	struct persona_buf buf;

	persona_buf_init(&buf, 10);
	assert_sane(&buf);
	ck_assert_str_eq(buf.data, "");
	persona_buf_clear(&buf);
	assert_sane(&buf);
	ck_assert_int_eq(persona_buf_adds(&buf, "abc", &err), 0);
	persona_buf_clear(&buf);
	assert_sane(&buf);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_uint_ne(buf.size, 0);
	persona_buf_release(&buf);
	assert_sane(&buf);
	ck_assert_uint_eq(buf.size, 0);
	ck_assert_int_eq(persona_buf_adds(&buf, "again", &err), 0);
	ck_assert_str_eq(buf.data, "again");
	persona_buf_release(&buf);
}
END_TEST

START_TEST(buf_keeps_to_its_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_buf buf;

	persona_buf_init(&buf, 5);
	ck_assert_int_eq(persona_buf_add(&buf, "abc", 3, &err), 0);
	/* Each way in is refused one byte too many, and leaves all as it was. */
	ck_assert_int_eq(persona_buf_add(&buf, "def", 3, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	assert_sane(&buf);
	ck_assert_str_eq(buf.data, "abc");
	ck_assert_int_eq(persona_buf_adds(&buf, "def", &err), -1);
	ck_assert_int_eq(persona_buf_addf(&buf, &err, "%d", 123), -1);
	ck_assert_str_eq(buf.data, "abc");
	ck_assert_int_eq(persona_buf_addf(&buf, &err, "%d", 12), 0);
	ck_assert_str_eq(buf.data, "abc12");
	ck_assert_int_eq(persona_buf_addc(&buf, 'x', &err), -1);
	ck_assert_int_eq(persona_buf_add(&buf, "x", SIZE_MAX, &err), -1);
	ck_assert_str_eq(buf.data, "abc12");
	ck_assert_int_eq(persona_buf_add(&buf, "", 0, &err), 0);
	assert_sane(&buf);
	persona_buf_release(&buf);

	persona_buf_init(&buf, 0);
	ck_assert_int_eq(persona_buf_addc(&buf, 'x', NULL), -1);
	assert_sane(&buf);
	persona_buf_release(&buf);
}
END_TEST

START_TEST(buf_holds_any_bytes)
{
	struct persona_error err = { 0 };
	struct persona_buf buf;

	persona_buf_init(&buf, SIZE_MAX);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(persona_buf_addc(&buf, (char)i, &err), 0);
		assert_sane(&buf);
	}
	ck_assert_uint_eq(buf.len, 1000);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(buf.data[i], (char)i);
	persona_buf_release(&buf);
}
END_TEST

START_TEST(buf_take_hands_over)
{
	struct persona_error err = { 0 };
	struct persona_buf buf;
	char *taken;

	persona_buf_init(&buf, 100);
	taken = persona_buf_take(&buf);
	ck_assert_str_eq(taken, "");
	free(taken);
	ck_assert_int_eq(persona_buf_adds(&buf, "mine", &err), 0);
	taken = persona_buf_take(&buf);
	ck_assert_str_eq(taken, "mine");
	assert_sane(&buf);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_uint_eq(buf.max, 100);
	free(taken);
	persona_buf_release(&buf);
}
END_TEST

/* Read `bytes` written to a pipe into a buffer with that ceiling. */
static int read_back(struct persona_buf *buf, const char *bytes, size_t len, struct persona_error *err)
{
	int ends[2], rc;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		for (size_t done = 0; done < len;) {
			ssize_t put = write(ends[1], bytes + done, len - done);

			if (put <= 0)
				break;
			done += (size_t)put;
		}
		_exit(0);
	}
	close(ends[1]);
	rc = persona_buf_read(buf, ends[0], err);
	close(ends[0]);
	waitpid(child, NULL, 0);
	return rc;
}

START_TEST(buf_reads_to_the_end_or_the_ceiling)
{
	struct persona_error err = { 0 };
	enum { SIZE = 200000 };
	char *bytes = malloc(SIZE);
	struct persona_buf buf;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 % 251);
	persona_buf_init(&buf, SIZE);
	ck_assert_int_eq(read_back(&buf, bytes, SIZE, &err), 0);
	ck_assert_uint_eq(buf.len, SIZE);
	ck_assert_mem_eq(buf.data, bytes, SIZE);
	assert_sane(&buf);
	persona_buf_release(&buf);

	persona_buf_init(&buf, SIZE - 1);
	ck_assert_int_eq(read_back(&buf, bytes, SIZE, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	assert_sane(&buf);
	persona_buf_release(&buf);

	persona_buf_init(&buf, 10);
	ck_assert_int_eq(read_back(&buf, bytes, 0, &err), 0);
	ck_assert_uint_eq(buf.len, 0);
	assert_sane(&buf);
	ck_assert_int_eq(persona_buf_read(&buf, -1, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	assert_sane(&buf);
	persona_buf_release(&buf);
	free(bytes);
}
END_TEST

START_TEST(strings_are_copied)
{
	struct persona_error err = { 0 };
	char *copy = persona_strdup("text", &err);

	ck_assert_str_eq(copy, "text");
	free(copy);
	copy = persona_strndup("text", 2, &err);
	ck_assert_str_eq(copy, "te");
	free(copy);
}
END_TEST

START_TEST(grow_doubles_and_keeps)
{
	struct persona_error err = { 0 };
	size_t capacity = 0, len = 0, before;
	int *items = NULL;

	for (; len < 1000; len++) {
		ck_assert_int_eq(persona_grow((void **)&items, &capacity, len, sizeof *items, &err), 0);
		ck_assert_uint_gt(capacity, len);
		items[len] = (int)len;
	}
	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(items[i], (int)i);
	/* Room is there: nothing happens. */
	before = capacity;
	ck_assert_int_eq(persona_grow((void **)&items, &capacity, len, sizeof *items, &err), 0);
	ck_assert_uint_eq(capacity, before);
	/* More bytes than can be addressed: refused, nothing changes. */
	ck_assert_int_eq(persona_grow((void **)&items, &capacity, capacity, SIZE_MAX / 4, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_NOMEM);
	ck_assert_uint_eq(capacity, before);
	ck_assert_int_eq(items[999], 999);
	free(items);
}
END_TEST

/* ---- Errors ---------------------------------------------------------- */

START_TEST(error_set_fills_and_fails)
{
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_error_set(&err, PERSONA_E_IO, "cannot open %s: %d", "file", 3), -1);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	ck_assert_str_eq(err.text, "cannot open file: 3");
	ck_assert_int_eq(persona_error_set(NULL, PERSONA_E_IO, "nobody listens"), -1);
}
END_TEST

START_TEST(error_text_is_harmless)
{
	struct persona_error err = { 0 };

	(void)persona_error_set(&err, PERSONA_E_FORMAT, "%s", "a\x1B[2J\nb\tc\x7F\r\xC3\xA9");
	ck_assert_str_eq(err.text, "a?[2J?b?c??\xC3\xA9");
}
END_TEST

/* A text that is too long is cut between characters, whatever stands at the edge. */
START_TEST(error_text_is_cut_between_characters)
{
	static const char *const characters[] = { "x", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80" };
	const char *character = characters[_i / 5];
	size_t size = strlen(character), used = (size_t)(_i % 5);
	struct persona_error err = { 0 };
	char text[600];

	memset(text, '.', used);
	while (used + size < sizeof text) {
		memcpy(text + used, character, size);
		used += size;
	}
	text[used] = '\0';
	(void)persona_error_set(&err, PERSONA_E_FORMAT, "%s", text);
	used = strlen(err.text);
	ck_assert_int_eq(strncmp(err.text, text, used), 0);
	ck_assert_uint_eq((used - (size_t)(_i % 5)) % size, 0);
	ck_assert_uint_ge(used, sizeof err.text - 1 - size);
}
END_TEST

START_TEST(error_text_that_just_fits_is_whole)
{
	struct persona_error err = { 0 };
	char text[256];

	memset(text, 'a', sizeof text);
	memcpy(text + 253, "\xC3\xA9", 3);
	(void)persona_error_set(&err, PERSONA_E_FORMAT, "%s", text);
	ck_assert_str_eq(err.text, text);
}
END_TEST

START_TEST(every_code_has_a_name)
{
	for (int code = 0; code < PERSONA_E_LAST; code++) {
		const char *name = persona_error_name((enum persona_error_code)code);

		ck_assert_ptr_nonnull(name);
		ck_assert_str_ne(name, "unknown");
		for (int other = 0; other < code; other++)
			ck_assert_str_ne(name, persona_error_name((enum persona_error_code)other));
	}
	ck_assert_str_eq(persona_error_name(PERSONA_E_LAST), "unknown");
	ck_assert_str_eq(persona_error_name((enum persona_error_code) - 1), "unknown");
}
END_TEST

/* ---- Hashing --------------------------------------------------------- */

/* FIPS 180-4 examples as NIST publishes them. */
static const struct {
	const char *text, *hex;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopq"
	  "rstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

START_TEST(sha256_of_published_vectors)
{
	const char *text = vectors[_i].text;
	size_t len = strlen(text);
	struct persona_error err = { 0 };
	struct persona_hash *hash;
	char hex[PERSONA_HASH_HEX];

	ck_assert_int_eq(persona_hash_bytes(hex, text, len, &err), 0);
	ck_assert_str_eq(hex, vectors[_i].hex);
	/* In pieces it is the same. */
	for (size_t step = 1; step < 70; step += 23) {
		ck_assert_int_eq(persona_hash_new(&hash, &err), 0);
		for (size_t at = 0; at < len; at += step)
			ck_assert_int_eq(persona_hash_add(hash, text + at, len - at < step ? len - at : step, &err), 0);
		ck_assert_int_eq(persona_hash_final(hash, hex, &err), 0);
		ck_assert_str_eq(hex, vectors[_i].hex);
		persona_hash_free(hash);
	}
}
END_TEST

START_TEST(sha256_of_a_million_letters)
{
	struct persona_error err = { 0 };
	char block[1000], hex[PERSONA_HASH_HEX];
	struct persona_hash *hash;

	memset(block, 'a', sizeof block);
	ck_assert_int_eq(persona_hash_new(&hash, &err), 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(persona_hash_add(hash, block, sizeof block, &err), 0);
	ck_assert_int_eq(persona_hash_final(hash, hex, &err), 0);
	ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	persona_hash_free(hash);
	persona_hash_free(NULL);
}
END_TEST

/* Stored choices hang on these numbers: they may never change. */
START_TEST(mix64_is_the_same_for_ever)
{
	ck_assert_uint_eq(persona_mix64(0, "", 0), UINT64_C(0xefd01f60ba992926));
	ck_assert_uint_eq(persona_mix64(0, "a", 1), UINT64_C(0x82a2a958a9bece5b));
	ck_assert_uint_eq(persona_mix64(0, "foobar", 6), UINT64_C(0x2c22194922d1672b));
	ck_assert_uint_eq(persona_mix64(42, "persona", 7), UINT64_C(0x24ed69f145101da9));
	ck_assert_uint_eq(persona_mix64(UINT64_MAX, "\xff\x00", 2), UINT64_C(0x3ec2e536d605f046));
	ck_assert_uint_ne(persona_mix64(0, "abc", 3), persona_mix64(1, "abc", 3));
	ck_assert_uint_ne(persona_mix64(0, "abc", 3), persona_mix64(0, "abd", 3));
	ck_assert_uint_ne(persona_mix64(0, "", 0), persona_mix64(0, "\0", 1));
}
END_TEST

/* Half of the bits turn over when one bit of the input does. */
START_TEST(mix64_spreads)
{
	unsigned long flipped = 0, trials = 0;

	for (uint64_t value = 0; value < 500; value++)
		for (int bit = 0; bit < 64; bit += 7) {
			uint64_t other = value ^ ((uint64_t)1 << bit);
			uint64_t difference =
				persona_mix64(3, &value, sizeof value) ^ persona_mix64(3, &other, sizeof other);

			ck_assert_uint_ne(difference, 0);
			flipped += (unsigned long)__builtin_popcountll(difference);
			trials++;
		}
	ck_assert_double_ge((double)flipped / (double)trials, 30);
	ck_assert_double_le((double)flipped / (double)trials, 34);
}
END_TEST

/* ---- Clock and log --------------------------------------------------- */

START_TEST(clock_goes_on)
{
	const struct persona_clock *clock = persona_clock_system();
	int64_t first = clock->monotonic_ms(clock->payload), second = clock->monotonic_ms(clock->payload);

	ck_assert_int_ge(second, first);
	ck_assert_int_gt(clock->unix_seconds(clock->payload), 1700000000);
}
END_TEST

struct heard {
	enum persona_log_level level;
	char text[64];
	int times;
};

static void hear(void *payload, enum persona_log_level level, const char *text)
{
	struct heard *heard = payload;

	heard->level = level;
	snprintf(heard->text, sizeof heard->text, "%s", text);
	heard->times++;
}

START_TEST(log_goes_to_the_sink_or_nowhere)
{
	struct heard heard = { .times = 0 };

	persona_log(PERSONA_LOG_WARNING, "nobody %s", "there");
	persona_log_set_sink(hear, &heard);
	persona_log(PERSONA_LOG_INFO, "read %d rows", 12);
	ck_assert_int_eq(heard.times, 1);
	ck_assert_int_eq(heard.level, PERSONA_LOG_INFO);
	ck_assert_str_eq(heard.text, "read 12 rows");
	persona_log_set_sink(NULL, NULL);
	persona_log(PERSONA_LOG_INFO, "nobody again");
	ck_assert_int_eq(heard.times, 1);
}
END_TEST

struct done {
	atomic_int times[100];
	atomic_int threads[7];
	size_t fails; /* at that piece; 0: never */
};

static int do_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	struct done *done = payload;

	done->times[piece]++;
	done->threads[thread]++;
	if (done->fails && piece == done->fails)
		return persona_error_set(err, PERSONA_E_FORMAT, "piece %zu", piece);
	return 0;
}

static const size_t thread_counts[] = { 1, 2, 7 };

START_TEST(each_piece_is_done_once)
{
	struct done done = { 0 };
	struct persona_error err = { 0 };
	size_t threads = thread_counts[_i];
	int sum = 0;

	ck_assert_int_eq(persona_pieces(threads, 100, do_piece, &done, &err), 0);
	ck_assert_int_eq(err.code, PERSONA_OK);
	for (size_t i = 0; i < 100; i++)
		ck_assert_int_eq(done.times[i], 1);
	for (size_t i = 0; i < threads; i++)
		sum += done.threads[i];
	ck_assert_int_eq(sum, 100);
	ck_assert_int_eq(persona_pieces(threads, 0, do_piece, &done, &err), 0);
}
END_TEST

START_TEST(a_piece_that_fails_ends_the_work)
{
	struct done done = { .fails = 10 };
	struct persona_error err = { 0 };
	int begun = 0;

	ck_assert_int_eq(persona_pieces(thread_counts[_i], 100, do_piece, &done, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(err.text, "piece 10");
	for (size_t i = 0; i < 100; i++)
		begun += done.times[i];
	ck_assert_int_ge(begun, 11);
	if (thread_counts[_i] == 1)
		ck_assert_int_eq(begun, 11);
}
END_TEST

START_TEST(no_more_threads_than_pieces)
{
	ck_assert_uint_eq(persona_threads(3, 100), 3);
	ck_assert_uint_eq(persona_threads(3, 2), 2);
	ck_assert_uint_eq(persona_threads(3, 0), 1);
	ck_assert_uint_eq(persona_threads(100000, 100000), 64);
	ck_assert_uint_ge(persona_threads(0, 100), 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("buf");

	tcase_add_test(t, buf_starts_empty_and_returns_there);
	tcase_add_test(t, buf_keeps_to_its_ceiling);
	tcase_add_test(t, buf_holds_any_bytes);
	tcase_add_test(t, buf_take_hands_over);
	tcase_add_test(t, buf_reads_to_the_end_or_the_ceiling);
	tcase_add_test(t, strings_are_copied);
	tcase_add_test(t, grow_doubles_and_keeps);
	suite_add_tcase(s, t);
	t = tcase_create("error");
	tcase_add_test(t, error_set_fills_and_fails);
	tcase_add_test(t, error_text_is_harmless);
	tcase_add_loop_test(t, error_text_is_cut_between_characters, 0, 20);
	tcase_add_test(t, error_text_that_just_fits_is_whole);
	tcase_add_test(t, every_code_has_a_name);
	suite_add_tcase(s, t);
	t = tcase_create("hash");
	tcase_add_loop_test(t, sha256_of_published_vectors, 0, sizeof vectors / sizeof *vectors);
	tcase_add_test(t, sha256_of_a_million_letters);
	tcase_add_test(t, mix64_is_the_same_for_ever);
	tcase_add_test(t, mix64_spreads);
	suite_add_tcase(s, t);
	t = tcase_create("threads");
	tcase_add_loop_test(t, each_piece_is_done_once, 0, 3);
	tcase_add_loop_test(t, a_piece_that_fails_ends_the_work, 0, 3);
	tcase_add_test(t, no_more_threads_than_pieces);
	suite_add_tcase(s, t);
	t = tcase_create("clock and log");
	tcase_add_test(t, clock_goes_on);
	tcase_add_test(t, log_goes_to_the_sink_or_nowhere);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
