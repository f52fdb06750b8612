/*
 * The extension contract of a verdict: one file rule_NAME.c, one line in rules.c. A rule is pure:
 * it looks at the evidence and says what it found, or that it could not look.
 */
#ifndef JUDGE_RULE_H
#define JUDGE_RULE_H

#include "judge/evidence.h"
#include "judge/finding.h"

/* What the rules may call too much; the shares are options of `report`. */
struct thresholds {
	double metadata_share; /* 0.4: that of the incident */
	double boxing_share;   /* 0.2, of the allocated bytes */
	double gc_cpu_share;   /* 0.25: what the runtime itself aims at */
	double stop_ns;	       /* 10 ms */
};
extern const struct thresholds thresholds_default;

/* The rows of evidence->last, made once for all rules. */
struct rule_context {
	const struct evidence *evidence;
	const struct thresholds *thresholds;
	struct table sites_live, sites_alloc, generics_alloc; /* by site: in use; allocated; by
								 generic function */
};

enum rule_answer {
	RULE_QUIET,  /* looked, found nothing */
	RULE_FIRED,  /* findings were added */
	RULE_BLIND,  /* could not look: *ret_why says what is missing */
	RULE_FAILED, /* no memory */
};

struct rule {
	const char *name;     /* of the JSON: "steady_growth" */
	const char *title;    /* "Memory that only grows" */
	const char *looks_at; /* what is said when nothing was found: "growth of live objects by
				 site" */
	const char *why;      /* why it matters: one or two sentences */
	const char *advice;   /* what to do, in general */
	enum rule_answer (*judge)(const struct rule *rule, const struct rule_context *context,
				  struct findings *findings, const char **ret_why);
};

extern const struct rule *const rules[]; /* ends with NULL */
#define RULES_MOST 32

/* What all rules said. */
struct verdict {
	struct findings findings;			      /* the weightiest first */
	struct table sites_live, sites_alloc, generics_alloc; /* what the findings' places are of */
	size_t count;
	struct {
		const struct rule *rule;
		enum rule_answer answer;
		const char *why; /* of RULE_BLIND: static */
	} answers[RULES_MOST];
};

/* Asks every rule. The evidence must outlive the verdict. 0 or -ENOMEM, silent. */
int judge_all(const struct evidence *evidence, const struct thresholds *thresholds,
	      struct verdict *ret);
void verdict_clear(struct verdict *verdict);

#define AUTO_VERDICT __attribute__((cleanup(verdict_clear)))

#endif
