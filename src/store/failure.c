/* What failed, and what is not asked again. */
#include "internal.h"

int persona_store_failure_add(struct persona_store *store, const struct persona_failure *failure, bool *parked,
			      struct persona_error *err)
{
	int64_t before;
	bool park;

	if (sql_integer(store, SQL_FAILURE_ATTEMPTS,
			ARGS(ARG(failure->stage), sql_arg_id(failure->revision_id), sql_arg_id(failure->batch_id),
			     sql_arg_id(failure->slot), sql_arg_id(failure->key_id), ARG(failure->class)),
			&before, err) < 0)
		return -1;
	/* After --retry the row gets as many attempts again. What belongs to no row (a line of an import) can't be parked. */
	park = (failure->revision_id || failure->slot) && (before + 1) % PERSONA_ATTEMPTS == 0;
	if (parked)
		*parked = park;
	return sql_run(store, SQL_FAILURE_ADD,
		       ARGS(ARG(failure->stage), sql_arg_id(failure->revision_id), sql_arg_id(failure->batch_id),
			    sql_arg_id(failure->slot), sql_arg_id(failure->key_id), ARG(failure->class),
			    ARG(failure->message), sql_arg_id(failure->call_id), ARG(before + 1), ARG(park),
			    ARG(store_now(store))),
		       err);
}

int persona_store_parked(struct persona_store *store, const struct persona_failure *where, struct persona_error *err)
{
	int64_t one;

	if (where->revision_id)
		return sql_integer(store, SQL_FAILURE_PARKED_REVISION,
				   ARGS(ARG(where->revision_id), ARG(where->stage), sql_arg_id(where->key_id)), &one,
				   err);
	return sql_integer(store, SQL_FAILURE_PARKED_SLOT,
			   ARGS(ARG(where->batch_id), ARG(where->slot), ARG(where->stage), sql_arg_id(where->key_id)),
			   &one, err);
}

long persona_store_unpark(struct persona_store *store, const char *stage, int64_t key_id, const char *class,
			  struct persona_error *err)
{
	if (sql_run(store, SQL_FAILURE_UNPARK, ARGS(ARG(stage), sql_arg_id(key_id), ARG(class)), err) < 0)
		return -1;
	return sql_changes(store);
}
