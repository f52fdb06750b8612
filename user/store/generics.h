/* The generic functions of executables. Processes of the same executable share one list, as a
 * service that is restarted has it again and again. */
#ifndef STORE_GENERICS_H
#define STORE_GENERICS_H

#include "model/instantiations.h"
#include "store/database.h"
#include "store/names_reader.h"
#include "store/names_writer.h"

struct generics_statements {
	sqlite3_stmt *function, *argument, *process;
};
/* Silent, like everything here; generics_finalize in every case. */
int generics_prepare_write(const struct database *database, struct generics_statements *ret);
void generics_finalize(struct generics_statements *statements);

/* Those of the process's executable, within the transaction of the moment. */
int generics_write(const struct database *database, const struct generics_statements *statements,
		   struct names_writer *names, int64_t process, const struct generics *generics);

struct generics_reader;
/* Database and names are borrowed. */
int generics_reader_new(const struct database *database, struct names_reader *names,
			struct generics_reader **ret);
void generics_reader_free(struct generics_reader *reader);

/* *ret lives as long as the reader; NULL where the recording does not know. -EBADMSG when the rows
 * are none that can be. */
int generics_read(struct generics_reader *reader, int64_t process, const struct generics **ret);

#endif
