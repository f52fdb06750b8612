-- A recording of heaptap: what was seen of one or several Go processes, one row of `intervals` for
-- each look at one of them. PRAGMA application_id is 0x48544150 ("HTAP"), user_version the number of
-- this schema. NULL always means "not known". Times are nanoseconds since 1970, the machine's clock.
--
-- What changes seldom is written only when it changes: size_classes and losses hold the new value,
-- site_samples what was added since the process's interval before, so that sums over intervals are
-- sums over time. A gap in time (a suspended machine, a clock that was set) stays a gap: interval_s
-- is the time that was observed, on a clock that neither jumps nor runs during a suspension.
--
-- Read by heaptap as it is; comments within the parentheses are kept in the file (.schema).

CREATE TABLE recordings (
	-- one row: about this file
	heaptap_version TEXT NOT NULL,
	began_unix_ns INTEGER NOT NULL
);

CREATE TABLE strings (
	-- names of functions, files and types, each once
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL
);

CREATE TABLE processes (
	-- one row for each process that was observed; a service that was restarted has several
	id INTEGER PRIMARY KEY,
	pid INTEGER NOT NULL,
	comm TEXT,
	go_version TEXT,
	executable TEXT, -- its path as the process sees it
	started_unix_ns INTEGER,
	end_reason TEXT, -- why its intervals end; NULL: because the recording does
	generics INTEGER -- generic_functions.list of its executable
);

CREATE TABLE generic_functions (
	-- the generic functions of an executable, whether they were seen to allocate or not
	list INTEGER NOT NULL, -- processes of the same executable have the same
	position INTEGER NOT NULL, -- by name, from 0
	name INTEGER NOT NULL REFERENCES strings (id), -- main.(*Cache[...]).Store
	shapes INTEGER NOT NULL, -- how often the compiler made it anew
	arguments INTEGER, -- generic_arguments.list; NULL: the executable names none
	PRIMARY KEY (list, position)
) WITHOUT ROWID;

CREATE TABLE generic_arguments (
	-- what generic functions were instantiated with, as far as the executable names it
	list INTEGER NOT NULL, -- methods of a type share theirs
	position INTEGER NOT NULL, -- by name, from 0
	types INTEGER NOT NULL REFERENCES strings (id), -- all type arguments: string,main.Profile
	PRIMARY KEY (list, position)
) WITHOUT ROWID;

CREATE TABLE intervals (
	-- one row for each snapshot of a process: the state at its end, and what happened in it
	id INTEGER PRIMARY KEY, -- grows with time, over all processes
	process INTEGER NOT NULL REFERENCES processes (id),
	time_unix_ns INTEGER NOT NULL, -- of the snapshot, the end of the interval
	interval_s REAL, -- its length; 0 in the first of a process
	elapsed_s REAL, -- since the observation of the process began
	mode TEXT NOT NULL, -- how sites were seen: sampler, list, burst, exact or counters (not at all)
	note INTEGER REFERENCES strings (id), -- what one should know about the mode
	has_total INTEGER, -- 1: site_samples know what was allocated since the process started
	has_live INTEGER, -- 1: and what is in use
	gc_probed INTEGER, -- 1: gc_cycles and gc_stops are each of them, 0: what polling found
	gc_note INTEGER REFERENCES strings (id),
	gc_cycles_unseen INTEGER,
	types_probed INTEGER, -- 1: type_events are all since the probes came
	types_note INTEGER REFERENCES strings (id),
	cache_watched INTEGER, -- 1: cache_* have rows of what was seen
	pools_emptied INTEGER, -- since the observation began: once per cycle
	pools_emptied_interval INTEGER,
	rss_named INTEGER, -- 1: the kernel knew Go's mappings by name
	rss_heap_bytes INTEGER, -- the sums of rss_* below by group
	rss_stacks_bytes INTEGER,
	rss_runtime_bytes INTEGER,
	rss_file_bytes INTEGER,
	rss_other_bytes INTEGER,
	governor_budget_percent REAL, -- of one CPU, what the probes may take
	governor_spent_percent REAL, -- what they took
	governor_predicted_percent REAL, -- what those for the sites should take, from the rate
	governor_since_s REAL, -- elapsed_s from which on site_samples count: a change of the mode
	governor_steps INTEGER, -- since the observation began
	memstats_gc_cpu_fraction REAL,
	memstats_pause_count INTEGER -- how many of the newest gc_pauses were in MemStats
	/* METRICS */
);
CREATE INDEX intervals_by_time ON intervals (time_unix_ns);
CREATE INDEX intervals_by_process ON intervals (process, time_unix_ns);

CREATE TABLE losses (
	-- data that are missing, since the observation began: rows only when a number has changed
	interval INTEGER NOT NULL,
	reason TEXT NOT NULL, -- as in `heaptap top --json`
	count INTEGER NOT NULL,
	PRIMARY KEY (interval, reason)
) WITHOUT ROWID;

CREATE TABLE steps (
	-- changes of the mode that the budget asked for, in the interval: the newest 16
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL, -- 0 is the oldest of the interval
	time_unix_ns INTEGER NOT NULL,
	from_mode TEXT NOT NULL,
	to_mode TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE size_classes (
	-- the runtime's size classes since the process started: rows only when one has changed
	interval INTEGER NOT NULL,
	class INTEGER NOT NULL, -- 0: objects larger than 32 KiB
	mallocs INTEGER,
	frees INTEGER,
	alloc_bytes INTEGER, -- classes 1 to 67: NULL is mallocs times the class's size
	free_bytes INTEGER, -- the same of frees
	spans INTEGER, -- held now
	waste_bytes INTEGER, -- of those; NULL when mallocs, frees and spans tell it; -1: not known
	PRIMARY KEY (interval, class)
) WITHOUT ROWID;

CREATE TABLE gc_cycles (
	-- cycles of the garbage collector that ended in the interval
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL, -- 0 is the oldest of the interval
	number INTEGER, -- NumGC after it
	sweep_term_unix_ns INTEGER, -- when its phases began, and it ended
	mark_unix_ns INTEGER,
	mark_term_unix_ns INTEGER,
	end_unix_ns INTEGER,
	pause_ns INTEGER,
	heap_before_bytes INTEGER,
	heap_after_bytes INTEGER,
	heap_live_bytes INTEGER,
	goal_bytes INTEGER,
	forced INTEGER,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE gc_stops (
	-- stops of the world
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL,
	begin_unix_ns INTEGER,
	duration_ns INTEGER,
	reason INTEGER NOT NULL, -- runtime.stwReason of Go 1.21 and newer
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE gc_pauses (
	-- MemStats.PauseNs and PauseEnd: those that are new in the interval
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL,
	pause_ns INTEGER NOT NULL,
	end_unix_ns INTEGER NOT NULL,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE frames (
	-- one logical frame of a stack
	id INTEGER PRIMARY KEY,
	function INTEGER NOT NULL REFERENCES strings (id),
	file INTEGER NOT NULL REFERENCES strings (id),
	line INTEGER NOT NULL, -- of the call; 0 when not known
	start_line INTEGER NOT NULL, -- of the function
	address INTEGER NOT NULL, -- of the call in the process, as a signed number
	inlined INTEGER NOT NULL, -- 1: into the next frame of the stack
	entry INTEGER -- of the code that holds the address: its first one, as a signed number
);

CREATE TABLE stacks (
	-- depth 0 is what allocates. A stack that could not be read has no rows.
	stack INTEGER NOT NULL,
	depth INTEGER NOT NULL,
	frame INTEGER NOT NULL REFERENCES frames (id),
	PRIMARY KEY (stack, depth)
) WITHOUT ROWID;

CREATE TABLE sites (
	-- an allocation site of a process: a stack, a type, an interface and an object size
	id INTEGER PRIMARY KEY,
	process INTEGER NOT NULL REFERENCES processes (id),
	record INTEGER NOT NULL, -- its number in the observation, as a signed number
	stack INTEGER NOT NULL, -- stacks.stack
	type INTEGER REFERENCES strings (id),
	object_bytes INTEGER NOT NULL,
	begun_samples INTEGER NOT NULL, -- allocated before the observation began
	interface INTEGER REFERENCES strings (id) -- that the value is put into, where it is boxed
);

CREATE TABLE site_samples (
	-- what was added since the process's interval before; no row: nothing. In the modes sampler and
	-- list allocs and live are the runtime's samples: with R = intervals.sampling_rate_bytes each
	-- stands for 1/(1-exp(-object_bytes/R)) objects (R of 1 and less: for itself). In mode exact
	-- allocs are hits, each of which stands for itself, and live is 0, as what stays is not known.
	-- In mode burst a row only says that the site is there: what was seen is in site_amounts.
	interval INTEGER NOT NULL,
	site INTEGER NOT NULL REFERENCES sites (id),
	allocs INTEGER, -- samples allocated; NULL: the site is not there any more
	live INTEGER, -- change of the samples in use
	ages TEXT, -- of those that died: {"i": count}, i for ages of 2^(i+10) to 2^(i+11) ns
	PRIMARY KEY (interval, site)
) WITHOUT ROWID;

CREATE TABLE site_amounts (
	-- amounts of an interval that differ from what site_samples say: seldom any, but in mode burst
	-- the amounts in the interval (kind 2) of all sites that were hit; kind 1 follows as their sum
	interval INTEGER NOT NULL,
	site INTEGER NOT NULL REFERENCES sites (id),
	kind INTEGER NOT NULL, -- 0 total, 1 since the observation began, 2 in the interval, 3 in use
	samples INTEGER NOT NULL, -- in mode burst: hits
	objects REAL,
	bytes REAL,
	objects_variance REAL,
	bytes_variance REAL,
	PRIMARY KEY (interval, site, kind)
) WITHOUT ROWID;

CREATE TABLE type_events (
	-- what was registered of types in the interval, by kind and stack: probes see it since version 2
	interval INTEGER NOT NULL,
	row INTEGER NOT NULL, -- number of the kind in the observation of the process
	event TEXT NOT NULL, -- itab (a pair of interface and type) or reflect (a type that was made)
	interface INTEGER REFERENCES strings (id), -- itab
	type INTEGER REFERENCES strings (id),
	failed INTEGER NOT NULL, -- 1: the type does not implement the interface
	stack INTEGER, -- stacks.stack, depth 0 is what called the runtime's or reflect's function
	count INTEGER NOT NULL,
	PRIMARY KEY (interval, row)
) WITHOUT ROWID;

CREATE TABLE itabs (
	-- the runtime's itab table: those that are new since the process's interval before
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL, -- in the process, from 0; those of the first interval were there
	interface INTEGER REFERENCES strings (id),
	type INTEGER REFERENCES strings (id),
	failed INTEGER NOT NULL,
	fixed INTEGER NOT NULL, -- 1: made by the compiler
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE cache_functions (
	-- functions of --cache and their calls: all of them in each interval that watched them. In all
	-- cache tables *_begun is since the observation began, *_interval in the interval, and where the
	-- variance is 0 each call was counted.
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL,
	function INTEGER REFERENCES strings (id),
	glob INTEGER REFERENCES strings (id), -- as the user wrote it
	note INTEGER REFERENCES strings (id), -- why it is not counted
	id INTEGER NOT NULL, -- the same in all intervals of a process
	entry INTEGER NOT NULL, -- of its text in the process, as signed numbers
	"end" INTEGER NOT NULL,
	estimated INTEGER NOT NULL, -- 1: its calls were too many to count each
	calls_begun REAL,
	calls_begun_variance REAL,
	calls_interval REAL,
	calls_interval_variance REAL,
	allocated_samples INTEGER NOT NULL, -- by stacks through the function, since the observation
	allocated_objects REAL, -- began, in intervals that watched its calls throughout
	allocated_objects_variance REAL,
	allocated_bytes REAL,
	allocated_bytes_variance REAL,
	allocated_calls REAL, -- how many calls there were in those intervals
	allocated_calls_variance REAL,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE cache_pools (
	-- sync.Pools; all numbers are NULL where calls were lost (losses: cache_map_full)
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL,
	address INTEGER NOT NULL, -- in the process, as a signed number
	name INTEGER REFERENCES strings (id), -- of the variable; '' when it has none
	made_by INTEGER REFERENCES strings (id), -- its New function
	estimated INTEGER NOT NULL,
	gets_begun REAL,
	gets_begun_variance REAL,
	gets_interval REAL,
	gets_interval_variance REAL,
	puts_begun REAL,
	puts_begun_variance REAL,
	puts_interval REAL,
	puts_interval_variance REAL,
	misses_begun REAL, -- Gets that called New; NULL: its New cannot be probed, or there is none
	misses_begun_variance REAL,
	misses_interval REAL,
	misses_interval_variance REAL,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE cache_maps (
	-- sync.Maps, the same
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL,
	address INTEGER NOT NULL,
	name INTEGER REFERENCES strings (id),
	estimated INTEGER NOT NULL,
	loads_begun REAL,
	loads_begun_variance REAL,
	loads_interval REAL,
	loads_interval_variance REAL,
	stores_begun REAL,
	stores_begun_variance REAL,
	stores_interval REAL,
	stores_interval_variance REAL,
	others_begun REAL, -- LoadOrStore, LoadAndDelete, CompareAndSwap, ...
	others_begun_variance REAL,
	others_interval REAL,
	others_interval_variance REAL,
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;

CREATE TABLE cache_notes (
	-- what one should know about the caches of an interval
	interval INTEGER NOT NULL,
	position INTEGER NOT NULL, -- 0
	note INTEGER REFERENCES strings (id),
	PRIMARY KEY (interval, position)
) WITHOUT ROWID;
