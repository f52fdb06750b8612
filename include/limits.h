/*
 * Every cap of heaptap, in one place. Reaching one is an error with a sentence or a counted loss,
 * never silence. They are generous: ten times what was seen on real servers, unless the line says
 * why.
 */
#ifndef HEAPTAP_LIMITS_H
#define HEAPTAP_LIMITS_H

#define LIMIT_ELF_BYTES	      (8ULL << 30) /* a debug build of a very large server is 1-2 GiB */
#define LIMIT_SEGMENTS	      256	   /* program headers looked at */
#define LIMIT_SECTIONS	      65535	   /* section headers looked at */
#define LIMIT_SYMBOLS	      (8U << 20)   /* .symtab entries looked at */
#define LIMIT_FUNCTIONS	      (4U << 20)   /* functab entries; kubectl has 70,000 */
#define LIMIT_FUNCTION_BYTES  (4U << 20)   /* text of one function that is disassembled */
#define LIMIT_PCVALUE_BYTES   (1U << 20)   /* one pc-value table */
#define LIMIT_INLINE_DEPTH    256	 /* nested inlining at one pc; the compiler stops near 40 */
#define LIMIT_NAME_BYTES      8192	 /* a function, file or type name; longer ones are cut */
#define LIMIT_BUILDINFO_BYTES (1U << 20) /* module list and build settings */
#define LIMIT_STACK_FRAMES    1026	 /* runtime's own cap: profstackdepth <= 1024, +2 in 1.26 */
#define LIMIT_BUCKETS	      (1U << 20) /* profiling buckets of one process */
#define LIMIT_TYPE_DEPTH      32	 /* nesting when a reflect-made type is named */
#define LIMIT_PROCS	      4096	 /* Ps (GOMAXPROCS) */
#define LIMIT_MAPPINGS	      65536	 /* lines of /proc/PID/maps */
#define LIMIT_ARENAS	      (1U << 18) /* of 64 MiB: 16 TiB of Go heap */
#define LIMIT_CHUNKS	      (1U << 16) /* of 256 KiB of persistent runtime memory */
#define LIMIT_TARGETS	      64	 /* processes observed at once */
#define LIMIT_STRINGS_BYTES   (256U << 20) /* interned names of one observation */
#define LIMIT_PROBE_POINTS    96	   /* addresses of one group; 1.26 can need 67 */
#define LIMIT_CACHE_FUNCTIONS 64   /* matched by --cache; a probe each, and a row to be read */
#define LIMIT_CACHE_NEWS      20   /* New functions of pools that are probed */
#define LIMIT_CACHE_OBJECTS   1024 /* pools and maps told apart; the kernel keeps them per CPU */
#define LIMIT_CACHE_ROWS      2048 /* pools that the runtime lists, and what is told apart */
#define LIMIT_GLOBS	      32   /* --cache on one command line */
#define LIMIT_LIVE_SAMPLES    (1U << 20)   /* sampled objects followed from birth to death */
#define LIMIT_EXACT_SITES     (64U << 10)  /* type x size x stack of one exact window */
#define LIMIT_WINDOW_SITES    (256U << 10) /* the same over all windows of an observation */
#define LIMIT_EXACT_FRAMES    64	   /* frames of one exact stack */
#define LIMIT_TYPE_EVENTS     (16U << 10)  /* kinds of type registrations followed by probes */
#define LIMIT_TYPE_STACKS     (2U << 10)   /* their stacks, 0.5 KiB each */
#define LIMIT_ITABS	      (256U << 10) /* of one process */
#define LIMIT_SITE_FRAMES     16	   /* of the runtime, below a call site; 11 were seen */
#define LIMIT_RUNTIME_RANGES  4		   /* its text, as the probes know it; most need one */
#define LIMIT_GC_EVENTS	      (64U << 10)  /* cycles, and stops, of one interval */
#define LIMIT_ROWS	      (1U << 20)   /* rows of one table */
#define LIMIT_RECORDED_SITES  (4U << 20)   /* of one recording, all its processes together */
#define LIMIT_RECORDED_PROCS  (64U << 10)  /* processes of one recording; restarts count */
#define LIMIT_RECORDED_BYTES  (1U << 20)   /* one value or row of a recording */
#define LIMIT_INTERVAL_EVENTS (1U << 20)   /* GC cycles or stops of one recorded interval */
#define LIMIT_RATE_GROUPS     (64U << 10)  /* types or sites followed over time by name */
#define LIMIT_RATE_MEMBERS    (256U << 10) /* records whose type or site is remembered */
#define LIMIT_SERIES_POINTS   4096 /* of a timeline; three times what the widest screen has */
#define LIMIT_COMPARED_ITEMS  (16U << 20)  /* intervals or events of one side of a diff */
#define LIMIT_COMPARED_CELLS  (64U << 20)  /* rows x intervals that had something of them */
#define LIMIT_COMPARED_ROWS   (1U << 20)   /* rows of both sides of a diff */
#define LIMIT_PPROF_FRAMES    4096	   /* of a foreign stack; the runtime stops at 1024 */
#define LIMIT_PPROF_BYTES     (256U << 20) /* of a foreign profile; large ones are 50 MB */
#define LIMIT_TRACE_PROCESSES 4096	   /* of one trace: restarts of a service make many */
#define LIMIT_INSPECTION_ROWS (4U << 20)   /* of one section of an inspected executable */
#define LIMIT_EMBEDDED_FILES  (1U << 20)   /* of one embed.FS */

#endif
