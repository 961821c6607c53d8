/*
 * Limits of rate that processes share. Both buckets are GCRA, the leaky bucket as a clock: it says
 * when it will be empty again. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 *
 * A bucket of n with an emission interval t lets at most n - 1 + ceil(w / t) through in any half-open window w.
 */
#include "internal.h"

#define WINDOW_US	  ((int64_t)61 * 1000000) /* a minute, and a second for the way to the server */
#define CLOCK_SET_BACK_MS 60000			/* less is processes that read their clocks before they got the lock */
#define MOST		  ((int64_t)1000000000) /* of anything per minute */
#define LIMIT_MOST	  1000000		/* thousandths of a request in flight */
#define WAIT_MOST_MS	  ((int64_t)31 * 24 * 3600 * 1000)
#define BURST_PAUSE_MS	  60000 /* told again after a longer silence: that is something new */

/* Bring the clock forward. A clock that was set back takes all times with it. Returns the time that counts. */
static int64_t touch(struct persona_rate_state *state, int64_t now_ms)
{
	int64_t back = state->updated_ms - now_ms;

	if (state->updated_ms && back > CLOCK_SET_BACK_MS) {
		int64_t *times[] = { &state->blocked_until_ms, &state->last_decrease_ms, &state->saturated_since_ms };

		for (size_t i = 0; i < sizeof times / sizeof *times; i++)
			if (*times[i])
				*times[i] -= back;
		state->requests_due_us -= back * 1000;
		state->tokens_due_us -= back * 1000;
	} else if (back > 0) {
		now_ms = state->updated_ms;
	}
	state->updated_ms = now_ms;
	return now_ms;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* ---- Buckets --------------------------------------------------------- */

/* A bucket as times: how long one request takes to run out, and how full it may be before the next. */
struct bucket {
	int64_t cost_us, room_us;
};

static struct bucket request_bucket(int64_t rpm)
{
	int64_t burst = clamp(rpm / 30, 1, 20);
	int64_t pace = rpm - burst + 1;
	int64_t cost_us = (WINDOW_US + pace - 1) / pace;

	return (struct bucket){ cost_us, (burst - 1) * cost_us };
}

static int64_t token_time_us(int64_t tpm, int64_t tokens)
{
	int64_t pace = tpm - tpm / 4;

	return (clamp(tokens, 0, MOST) * (WINDOW_US / 1000) / pace + 1) * 1000;
}

static struct bucket token_bucket(int64_t tpm, int64_t tokens)
{
	int64_t cost_us = token_time_us(tpm, tokens);
	int64_t full_us = token_time_us(tpm, tpm / 4);

	/* A large one goes when the bucket is empty. */
	return (struct bucket){ cost_us, full_us > cost_us ? full_us - cost_us : 0 };
}

/* How long until the bucket has room, us. */
static int64_t wait_us(int64_t due_us, struct bucket bucket, int64_t now_us)
{
	return due_us - now_us > bucket.room_us ? due_us - now_us - bucket.room_us : 0;
}

static void fill(int64_t *due_us, struct bucket bucket, int64_t now_us)
{
	*due_us = (*due_us > now_us ? *due_us : now_us) + bucket.cost_us;
}

int64_t persona_rate_take(struct persona_rate_state *state, const struct persona_rate_limits *limits, int64_t now_ms,
			  int64_t tokens)
{
	struct bucket requests = { 0 }, pieces = { 0 };
	int64_t now_us, wait = 0, other;

	now_ms = touch(state, now_ms);
	now_us = now_ms * 1000;
	if (state->blocked_until_ms > now_ms)
		return state->blocked_until_ms - now_ms;
	if (limits->rpm > 0) {
		requests = request_bucket(clamp(limits->rpm, 1, MOST));
		wait = wait_us(state->requests_due_us, requests, now_us);
	}
	if (limits->tpm > 0) {
		pieces = token_bucket(clamp(limits->tpm, 1, MOST), tokens);
		other = wait_us(state->tokens_due_us, pieces, now_us);
		wait = other > wait ? other : wait;
	}
	if (wait)
		return (wait + 999) / 1000;
	if (limits->rpm > 0)
		fill(&state->requests_due_us, requests, now_us);
	if (limits->tpm > 0)
		fill(&state->tokens_due_us, pieces, now_us);
	return 0;
}

void persona_rate_settle(struct persona_rate_state *state, const struct persona_rate_limits *limits, int64_t now_ms,
			 int64_t sent_ms, int64_t estimated, int64_t real)
{
	int64_t tpm = clamp(limits->tpm, 1, MOST), now_us;

	now_ms = touch(state, now_ms);
	now_us = now_ms * 1000;
	if (limits->tpm <= 0)
		return;
	if (real > estimated)
		fill(&state->tokens_due_us, (struct bucket){ token_time_us(tpm, real - estimated), 0 }, now_us);
	else if (now_us - sent_ms * 1000 < WINDOW_US)
		state->tokens_due_us -= token_time_us(tpm, estimated) - token_time_us(tpm, real);
}

/* ---- Adaptive limit -------------------------------------------------- */

void persona_rate_told(struct persona_rate_state *state, int64_t now_ms, int64_t sent_ms, int64_t wait_ms,
		       int64_t in_flight)
{
	now_ms = touch(state, now_ms);
	if (!state->saturated_since_ms || now_ms - state->blocked_until_ms > BURST_PAUSE_MS)
		state->saturated_since_ms = now_ms;
	/* Without a wait, too: it says when we were told last. */
	wait_ms = clamp(wait_ms, 0, WAIT_MOST_MS);
	if (now_ms + wait_ms > state->blocked_until_ms)
		state->blocked_until_ms = now_ms + wait_ms;
	if (state->last_decrease_ms && sent_ms <= state->last_decrease_ms)
		return;
	if (!state->limit_milli)
		state->limit_milli = clamp(in_flight, 1, LIMIT_MOST / 1000) * 1000;
	state->ceiling_milli = state->limit_milli;
	state->limit_milli = clamp(state->limit_milli / 2, 1000, LIMIT_MOST);
	state->last_decrease_ms = now_ms;
}

void persona_rate_ok(struct persona_rate_state *state, int64_t now_ms)
{
	int64_t step;

	(void)touch(state, now_ms);
	state->saturated_since_ms = 0;
	if (!state->limit_milli)
		return;
	step = 1000000 / clamp(state->limit_milli, 1000, LIMIT_MOST);
	if (state->limit_milli + step > state->ceiling_milli)
		step = step < 10 ? 1 : step / 10;
	state->limit_milli = clamp(state->limit_milli + step, 1000, LIMIT_MOST);
}

int64_t persona_rate_in_flight(const struct persona_rate_state *state, int64_t wanted)
{
	if (!state->limit_milli)
		return wanted;
	return clamp(state->limit_milli / 1000, 1, wanted > 1 ? wanted : 1);
}

bool persona_rate_is_stuck(const struct persona_rate_state *state, int64_t now_ms, int64_t patience_ms)
{
	return state->saturated_since_ms && now_ms - state->saturated_since_ms > patience_ms;
}
