/*
 * The transitions of a lease, for an exhaustive search with Spin: `npm run model`. Why Spin, what it has shown, and what it
 * leaves out: docs/adr/0015-a-model-of-the-lease.md. Each transition names what it stands for in src/lease/.
 *
 * How to read it. `cl[c]` is what client c knows; `state`, `holder` and `age` are the record. Each option of a `do` loop is
 * one step: its condition, then `->`, then what it does at once. Any step that can happen may happen next, or never. So a
 * client that is paused is one that takes no step, a request that is lost is one that is never delivered. The switches
 * (`#ifdef`) that break a rule are the mutants of searches.ts.
 *
 * What is abstracted, and why nothing is lost by it:
 *
 * - Time passes in ticks. Times are kept as what has elapsed, cut off where nothing depends on them any more, so that
 *   histories of any length are finitely many states. Nobody has to act within a tick, except where a search says so.
 * - Clocks that differ: only differences of one clock with itself are ever used, so what a clock shows is not in the model
 *   at all (only in the mutant EXPIRY_BY_WALL_CLOCKS, which breaks). What matters is rates: here the holder's clock always
 *   loses DRIFT in a lease, and the store always calls a record GRAIN too old. Both are the worst case: a holder whose clock
 *   is right believes for a shorter time, and a waiter that is told the truth waits for longer.
 * - A holder's two clocks are one, as old as the older of the two. CLOCKS has both, with sleep and clocks that are set.
 * - Versions are only compared for equality and never repeat. So all that counts of a write on its way is whether what it
 *   expects is still the current version. If not, it can never apply, and is dropped.
 * - A message that was sent may be delivered at any time and any number of times, or never: it stays until it can't apply.
 *   An answer may come at any time or never. Sending the same bytes again changes nothing then but what the sender knows.
 * - Nonce and trail tell a writer what became of its own write: that is kept instead of them, as its fate. The trail is one
 *   write long (8 in the code): what has left it is told `conflict` for `superseded`, so more can go wrong.
 * - A read shows the record at one moment, and the client goes on at that moment or later: a delay of its answer is a
 *   client that takes no step.
 * - Tokens are kept relative to the record's.
 * - A crash loses what a client knows. What comes after it is a new process with a new lease id; the record then names a
 *   lease of the past. All stale policies are in at once: a client may at each moment go by the one that allows most.
 */

#ifndef CLIENTS
#define CLIENTS 2
#endif

/* The same order as in policy.ts: 0 < margin, grace, watch < ttl/2 < ttl - margin. */
#ifndef TTL
#define TTL 4
#endif
#ifdef NO_MARGIN
#define MARGIN 0
#else
#define MARGIN 1
#endif
#ifdef NO_GRACE
#define GRACE 0
#else
#define GRACE 1
#endif
#ifndef DRIFT
#define DRIFT 1
#endif
#ifndef GRAIN
#define GRAIN 1
#endif

/* Whose clock tells how old a record is. */
#define STEADY 0 /* a service's own, assumed not to jump: S3 */
#define NONE 1   /* nobody's: each waiter goes by what it has watched itself */
#define SHARED 2 /* that of the one machine on which all clients are, and it may be set forward: a local disk */
#define REMOTE 3 /* another machine's, and it may be set forward: a file server */
#ifndef STORE_CLOCK
#define STORE_CLOCK STEADY
#endif

/* stealWatchMs in decide.ts */
#ifdef NO_WATCH
#define WATCH 0
#elif STORE_CLOCK == REMOTE && defined(REMOTE_WATCHED_FOR_HALF)
#define WATCH (TTL / 2 + GRACE)
#elif STORE_CLOCK == REMOTE
#define WATCH (TTL + GRACE)
#else
#define WATCH 1
#endif

#define LONGEST_WATCH (STORE_CLOCK == NONE -> TTL + GRACE : WATCH)
/* Whether it matters how long a version was watched. */
#define LOOKS (LONGEST_WATCH > 0 || STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE)
#define OLDEST (STORE_CLOCK == NONE -> 0 : TTL + GRACE - GRAIN)
/* The longest time that any decision of a holder depends on, and how far a wall clock may be set either way. */
#ifdef CLOCKS
#define SET 1
#else
#define SET 0
#endif
#define LONGEST (TTL - MARGIN + DRIFT + SET)

#ifdef TOKEN_NOT_RAISED
#define RAISE 0
#else
#define RAISE 1
#endif

mtype:state = { absent, held, released };

mtype:phase = {
  waiting,     /* Acquisition.run, between two looks; also a client that wants nothing */
  entering,    /* Acquisition.#write: commit of the acquisition */
  counting,    /* Acquisition.#counts: it applied, and it was found out late or took long */
  confirming,  /* the renewal in #counts */
  holding,     /* the keeper sleeps, KeeperLoop.run */
  renewing,    /* KeeperLoop.#renew */
  late,        /* KeeperLoop.#renewLate */
  giving_up,   /* Acquisition.#giveUp */
  giving_back, /* Acquisition.#giveBack */
  releasing    /* Lease.release by a holder that is done, or for a lease that was lost or given up */
};

/* What has become of the write that a client has open. A read tells all of it but the difference between off and dead. */
mtype:fate = {
  none,
  alive,      /* not applied, and what it expects is the current version: it may still apply */
  mine,       /* applied, and nobody has written since */
  superseded, /* applied, and its nonce is in the trail */
  off,        /* applied, and its nonce has left the trail */
  dead        /* not applied, and it never can */
};

typedef Client {
  mtype:phase phase;
  mtype:fate fate;
  bool followed;        /* the open write was sent again, or settled by reading: an acquisition is then known late */
  bool current;         /* the version that the lease goes on from is the current one: Lease.#version */
  bool broken;          /* an operator has broken this lease: two may then believe, by that person's word */
  bool blind;           /* of a mutant: the open write does not name a version */
  short token;          /* of the open acquisition, relative to the record's token */
  byte leaseAge;        /* since the last write that is known to have applied was sent: Lease.#sentAt */
  byte writeAge;        /* since the open write was first sent: openSince in commit.ts */
#ifdef CLOCKS
  short leaseMono, leaseWall; /* the same by the client's own two clocks */
  short writeMono, writeWall;
#endif
  byte watched;         /* 1 + how long the current version has been watched: Observation.firstSeenMs. 0: not seen */
#if STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE
  byte seenAge;         /* the least age that the answers imply: Observation.ageMs */
#endif
  /* Messages of writes that the client does not follow any more, and that may still apply. */
  bool givenUpAcquire;  /* an acquisition that is being given up */
  bool pastAcquire;     /* one by a process that is gone, or that could not be given up: left to the ttl */
  bool pastRenew;
  bool pastRelease;
  bool pastGiveUp;
  bool settled;         /* of mutants: one that was settled as if it could not apply */
#ifdef NO_NONCE
  bool twin;            /* the record has the bytes that this client's next try of a renewal will have */
#endif
#ifdef DELETE_INSTEAD_OF_RELEASE
  bool expectsAbsent;   /* an acquisition that expects that there is no record */
#endif
};

Client cl[CLIENTS];

mtype:state state = absent;
byte holder;           /* whose lease the record names, if held */
bool ofThePast;        /* ... one of a process that is gone, or that does not know of it */
byte age;              /* how long ago the record was written, by the store's clock */

#ifdef LIVE
bool calm;             /* all faults are over */
byte dry;              /* ticks since then without an acquisition */
#elif defined(QUIET)
#define calm true
#else
#define calm false
#endif

#define MUST(p, otherwise) if :: (p) :: else -> printf(otherwise); assert(false) fi

/* ---------------------------------------------------------------------------------------------- what is looked at */

#define FREE (state != held)

/* isHeldBy in lease.ts */
#define HELD_BY(c) (state == held && holder == c && !ofThePast)
#ifdef OWNER_AS_IDENTITY
#define ADOPTABLE(c) (state == held)
#elif defined(RELEASE_BY_NAME)
#define ADOPTABLE(c) (HELD_BY(c) || (state == held && (cl[c].phase == releasing || cl[c].phase == giving_back)))
#else
#define ADOPTABLE(c) HELD_BY(c)
#endif

/* isBefore(now, deadlineOf(sentAt)) in lease.ts: on both clocks. */
#define UNTIL (TTL - MARGIN + DRIFT)
#ifndef CLOCKS
#define IN_TIME(c) (cl[c].leaseAge < UNTIL)
#ifdef ALWAYS_GIVEN_BACK
#define FRESH(c) false
#else
#define FRESH(c) (2 * cl[c].leaseAge < TTL)
#endif
#else
#ifdef MONOTONIC_CLOCK_ALONE
#define IN_TIME(c) (cl[c].leaseMono < UNTIL)
#elif defined(WALL_CLOCK_ALONE)
#define IN_TIME(c) (cl[c].leaseWall < UNTIL)
#else
#define IN_TIME(c) (cl[c].leaseMono < UNTIL && cl[c].leaseWall < UNTIL)
#endif
#define FRESH(c) (2 * cl[c].leaseMono < TTL && 2 * cl[c].leaseWall < TTL)
#endif

#define HOLDS(c) (cl[c].phase == holding || cl[c].phase == renewing || cl[c].phase == late)
/* The phases of a client whose open write makes or prolongs a lease. */
#define TIMED(c) (cl[c].phase == entering || cl[c].phase == confirming || cl[c].phase == renewing || cl[c].phase == late)
#define OPEN(c) (cl[c].fate != none)
/* Whose ages are counted. */
#define HAS_LEASE(c) (HOLDS(c) || cl[c].phase == counting || cl[c].phase == confirming)
#define HAS_TIMED_WRITE(c) (OPEN(c) && cl[c].fate != dead && TIMED(c))

#define BELIEVES(c) (HOLDS(c) && !cl[c].broken && IN_TIME(c))

/* decideHeld in decide.ts */
#ifdef EXPIRY_BY_WALL_CLOCKS
#define OLD_ENOUGH(c) (age + 1 + GRAIN >= TTL + GRACE) /* the waiter's clock is one tick ahead of the writer's */
#elif STORE_CLOCK == NONE
#define OLD_ENOUGH(c) (cl[c].watched > TTL + GRACE)
#elif (STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE) && !defined(NEWEST_AGE)
#define OLD_ENOUGH(c) ((cl[c].seenAge < age -> cl[c].seenAge : age) + GRAIN >= TTL + GRACE)
#else
#define OLD_ENOUGH(c) (age + GRAIN >= TTL + GRACE)
#endif
#ifdef NEVER_STOLEN
#define EXPIRED(c) false
#else
#define EXPIRED(c) ((!LOOKS || cl[c].watched > WATCH) && OLD_ENOUGH(c))
#endif

/* evidence.ts: proof is what is true. */
#ifdef UNKNOWN_AS_PROOF
#define PROOF true
#else
#define PROOF ofThePast
#endif

#if CLIENTS == 2
#define ANY(P) (P(0) || P(1))
#define TWO(P) (P(0) && P(1))
#else
#define ANY(P) (P(0) || P(1) || P(2))
#define TWO(P) ((P(0) && P(1)) || (P(0) && P(2)) || (P(1) && P(2)))
#endif

/* ------------------------------------------------------------------------------------------------------ the store */

/* The record has a new version: what expected another one can never apply. `c` is whose write it was. */
inline newVersion(c) {
  d = 0;
  do
  :: d < CLIENTS ->
     if
     :: cl[d].fate == alive && !cl[d].blind -> cl[d].fate = dead; cl[d].token = 0; resetWriteAge(d)
     :: cl[d].fate == mine -> cl[d].fate = superseded
     :: cl[d].fate == superseded -> cl[d].fate = off
     :: else
     fi;
#ifdef DELETE_INSTEAD_OF_RELEASE
     if
     :: state == absent && (cl[d].givenUpAcquire || cl[d].pastAcquire ||
                            (cl[d].phase == entering && (cl[d].fate == dead || d == c))) ->
        cl[d].expectsAbsent = true
     :: else
     fi;
#endif
     cl[d].current = false;
#ifdef NO_NONCE
     cl[d].twin = false;
#endif
     resetWatch(d);
     cl[d].givenUpAcquire = false;
     cl[d].pastAcquire = false;
     cl[d].pastRenew = false;
     cl[d].pastRelease = false;
     cl[d].pastGiveUp = false;
     cl[d].settled = false;
     d++
  :: else -> break
  od;
  d = 0;
  age = 0
}

/* An acquisition applies: held, with the next token. `past` is whether nobody knows of it any more. */
inline putHeld(c, relativeToken, past) {
  MUST(relativeToken > 0, "violated: tokens rise\n");
#ifdef QUIET
  MUST(!(state == held && HOLDS(holder) && !ofThePast), "violated: nobody steals from a holder that is awake and reaches the store\n");
#endif
  newVersion(c);
  state = held; holder = c; ofThePast = past;
  d = 0;
  do
  :: d < CLIENTS && cl[d].fate == alive && d != c -> cl[d].token = cl[d].token - RAISE; d++
  :: d < CLIENTS && !(cl[d].fate == alive && d != c) -> d++
  :: d == CLIENTS -> d = 0; break
  od
}

/* A renewal applies: the same lease, the same token. `isOwn` is whether the record is of the lease that it renews. */
inline putRenewed(c, isOwn) {
  MUST(isOwn, "violated: a renewal changes no other lease\n");
  newVersion(c)
}

/* A release applies: the same token. */
inline putReleased(c, isOwn) {
  MUST(isOwn, "violated: a release ends no other lease\n");
  newVersion(c);
#ifdef DELETE_INSTEAD_OF_RELEASE
  state = absent;
#else
  state = released;
#endif
  holder = 0; ofThePast = false
}

/* A write that gives up an acquisition applies: released, with the token that the acquisition would have had. */
inline putGivenUp(c) {
  newVersion(c);
  state = released; holder = 0; ofThePast = false
}

/* The store takes the write that a client has open. */
inline deliverOpen(c) {
  if
  :: cl[c].phase == entering -> putHeld(c, cl[c].token, false)
  :: cl[c].phase == confirming || cl[c].phase == renewing || cl[c].phase == late -> putRenewed(c, HELD_BY(c))
  :: cl[c].phase == releasing || cl[c].phase == giving_back -> putReleased(c, HELD_BY(c))
  :: cl[c].phase == giving_up -> putGivenUp(c)
  fi;
  cl[c].token = 0;
  cl[c].blind = false;
  cl[c].fate = mine
}

/* ----------------------------------------------------------------------------------------------------- the client */

inline resetWriteAge(c) {
  cl[c].writeAge = 0;
#ifdef CLOCKS
  cl[c].writeMono = 0; cl[c].writeWall = 0;
#endif
}

inline resetLeaseAge(c) {
  cl[c].leaseAge = 0;
#ifdef CLOCKS
  cl[c].leaseMono = 0; cl[c].leaseWall = 0;
#endif
}

inline resetWatch(c) {
  cl[c].watched = 0;
#if STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE
  cl[c].seenAge = 0;
#endif
}

inline resetWrite(c) {
  cl[c].fate = none; cl[c].followed = false; cl[c].token = 0; cl[c].blind = false;
  resetWriteAge(c)
}

/* commit.ts, its first send: `expected` is whether what it expects is the current version. */
inline send(c, next, expected) {
  resetWrite(c);
  cl[c].phase = next;
  if
  :: expected -> cl[c].fate = alive
  :: else -> cl[c].fate = dead
  fi;
  if
  :: !TIMED(c) -> cl[c].current = false; resetLeaseAge(c)
  :: else
  fi;
#ifdef NO_NONCE
  if :: (next == renewing || next == late) && cl[c].twin -> cl[c].fate = mine :: else fi;
#endif
#ifdef LATE_RENEWAL_WITHOUT_VERSION
  if :: next == late -> cl[c].fate = alive; cl[c].blind = true :: else fi;
#endif
#ifdef RENEWAL_WITHOUT_VERSION
  if :: next == renewing -> cl[c].fate = alive; cl[c].blind = true :: else fi;
#endif
}

/* The lease counts from when the write that applied was first sent. */
inline leaseFromWrite(c) {
#ifdef DEADLINE_FROM_ANSWER
  cl[c].leaseAge = 0;
#else
  cl[c].leaseAge = cl[c].writeAge;
#endif
#ifdef CLOCKS
  cl[c].leaseMono = cl[c].writeMono; cl[c].leaseWall = cl[c].writeWall;
#endif
  cl[c].current = (cl[c].fate == mine)
}

/* A keeper's first look goes back to when the write was sent: KeeperLoop's constructor. */
inline firstLook(c) {
#ifdef CLOCKS
  if :: cl[c].leaseWall < cl[c].leaseMono -> cl[c].leaseWall = cl[c].leaseMono :: else fi
#else
  skip
#endif
}

/* The process is gone, or done with this lease: its next acquisition has another lease id. */
inline forget(c) {
  if :: HELD_BY(c) -> ofThePast = true :: else fi;
  resetWrite(c);
  cl[c].phase = waiting; cl[c].current = false; cl[c].broken = false;
  resetLeaseAge(c);
  resetWatch(c)
}

/* The open write is not followed any more. It may still apply. */
inline leaveWrite(c) {
  if
  :: cl[c].fate == alive ->
     if
     :: cl[c].phase == entering -> cl[c].pastAcquire = true
     :: cl[c].phase == confirming || cl[c].phase == renewing || cl[c].phase == late -> cl[c].pastRenew = true
     :: cl[c].phase == releasing || cl[c].phase == giving_back -> cl[c].pastRelease = true
     :: cl[c].phase == giving_up -> cl[c].pastGiveUp = true
     fi
  :: else
  fi;
#ifdef NO_NONCE
  if :: cl[c].fate == mine && (cl[c].phase == renewing || cl[c].phase == late) -> cl[c].twin = true :: else fi;
#endif
  if
  :: cl[c].givenUpAcquire -> cl[c].givenUpAcquire = false; cl[c].pastAcquire = true
  :: else
  fi;
  resetWrite(c)
}

/* acquire() returns without a lease, and looks again: the lease id stays. */
inline lookAgain(c) {
  resetWrite(c);
  cl[c].phase = waiting; cl[c].current = false; cl[c].broken = false;
  resetLeaseAge(c);
}

/* commit() returns `applied`. */
inline concludeApplied(c) {
  if
  :: cl[c].phase == entering ->
     leaseFromWrite(c);
#ifdef FOUND_LATE_COUNTS_AT_ONCE
     cl[c].followed = false;
#endif
     if
     :: !cl[c].followed && FRESH(c) -> resetWrite(c); firstLook(c); cl[c].phase = holding; acquired()
     :: else -> resetWrite(c); cl[c].phase = counting
     fi
  :: cl[c].phase == confirming ->
     leaseFromWrite(c);
     resetWrite(c);
     if
     :: IN_TIME(c) -> firstLook(c); cl[c].phase = holding; acquired()
     :: else -> send(c, giving_back, cl[c].current)
     fi
  :: cl[c].phase == renewing || cl[c].phase == late ->
     leaseFromWrite(c);
     resetWrite(c);
     cl[c].phase = holding
  :: cl[c].phase == giving_back -> lookAgain(c)
  :: cl[c].phase == releasing -> forget(c)
  :: cl[c].phase == giving_up -> MUST(!cl[c].givenUpAcquire, "violated: what was given up never applies\n"); forget(c)
  fi
}

inline acquired() {
#ifdef LIVE
  dry = 0
#else
  skip
#endif
}

/*
 * commit() returns `conflict` or `superseded`: what was read is given to Lease.#adopt, which goes on from a version of the
 * same lease, without moving the deadline. Anything else is the loss.
 */
inline concludeNotCurrent(c) {
  if
  :: cl[c].phase == entering -> lookAgain(c)
  :: cl[c].phase == confirming || cl[c].phase == renewing || cl[c].phase == late ->
     if
     :: ADOPTABLE(c) ->
#ifdef ADOPTING_MOVES_THE_DEADLINE
        cl[c].leaseAge = 0;
#endif
        cl[c].current = true;
        send(c, cl[c].phase, true)
     :: else -> forget(c)
     fi
  :: (cl[c].phase == releasing || cl[c].phase == giving_back) && cl[c].fate != superseded ->
     if
     :: ADOPTABLE(c) -> send(c, cl[c].phase, true)
     :: else -> if :: cl[c].phase == releasing -> forget(c) :: else -> lookAgain(c) fi
     fi
  :: (cl[c].phase == releasing || cl[c].phase == giving_back) && cl[c].fate == superseded ->
     if :: cl[c].phase == releasing -> forget(c) :: else -> lookAgain(c) fi
  :: cl[c].phase == giving_up ->
     /* It has applied before it could be given up: released. */
     if
     :: ADOPTABLE(c) && cl[c].fate != superseded -> cl[c].current = true; send(c, releasing, true)
     :: else -> forget(c)
     fi
  fi
}

inline concludeConflict(c) {
  MUST(cl[c].fate != mine && cl[c].fate != superseded, "violated: what is called a conflict did not apply\n");
  if
  :: cl[c].fate == alive -> cl[c].settled = true; cl[c].token = 0
  :: else
  fi;
  concludeNotCurrent(c)
}

/*
 * Clients are alike, so states that differ in their numbers only are one: the numbers are given anew after each step. Not
 * when a counterexample is looked for, which people read.
 */
#ifdef SYMMETRY
c_code {
  void sortClients(int isHeld) {
    int i, j;
    for (i = 0; i < CLIENTS; i++) {
      for (j = 0; j + 1 < CLIENTS - i; j++) {
        struct Client swap = now.cl[j];
        if (memcmp(&swap, &now.cl[j + 1], sizeof swap) <= 0) continue;
        now.cl[j] = now.cl[j + 1];
        now.cl[j + 1] = swap;
        if (!isHeld) continue;
        if (now.holder == j) now.holder = j + 1; else if (now.holder == j + 1) now.holder = j;
      }
    }
  }
};
#endif

inline canonical() {
#ifdef SYMMETRY
  if
  :: state == held -> c_code { sortClients(1); }
  :: else -> c_code { sortClients(0); }
  fi
#else
  skip
#endif
}

proctype Client_(byte c) {
  byte d;
  do
  /* ------------------------------------------------------------------------------------------- Acquisition.#round */

  /* Observer.look, of a version for the first time. Later looks, and the age they show, are part of `steal`. */
  :: d_step { LOOKS && cl[c].phase == waiting && state == held && cl[c].watched == 0 && !HELD_BY(c) ->
       printf("client %d looks: held by client %d, age %d\n", c, holder, age);
       cl[c].watched = 1;
#if STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE
       cl[c].seenAge = age;
#endif
       canonical()
     }

  /* decide: take. #act and #write */
  :: d_step { cl[c].phase == waiting && FREE ->
       printf("client %d sends its acquisition of the free lock\n", c);
       resetWatch(c);
       send(c, entering, true);
       cl[c].token = RAISE;
#ifdef ENTRY_WITHOUT_VERSION
       cl[c].blind = true;
#endif
       canonical()
     }

  /* decide: steal, expired. #act and #write */
  :: d_step { cl[c].phase == waiting && state == held && !HELD_BY(c) && EXPIRED(c) ->
       printf("client %d sends a steal from client %d, whose record is %d old\n", c, holder, age);
       resetWatch(c);
       send(c, entering, true);
       cl[c].token = RAISE;
#ifdef STEAL_WITHOUT_VERSION
       cl[c].blind = true;
#endif
       canonical()
     }

#ifndef LIVE
  /* decide: steal, holder-finished. #act and #write */
  :: d_step { cl[c].phase == waiting && state == held && !HELD_BY(c) && PROOF ->
       printf("client %d has proof that the holder is gone, and sends a steal from client %d\n", c, holder);
       resetWatch(c);
       send(c, entering, true);
       cl[c].token = RAISE;
       canonical()
     }
#endif

  /* #leaseIn: an acquisition of this client that was given up and could not be given back. */
  :: d_step { cl[c].phase == waiting && HELD_BY(c) ->
       printf("client %d finds its own lease, and gives it back\n", c);
       send(c, giving_back, true);
       canonical()
     }

  /* ------------------------------------------------------------------------------------------ Acquisition.#counts */

  :: d_step { cl[c].phase == counting && FRESH(c) ->
       printf("client %d renews what it found late\n", c);
       send(c, confirming, cl[c].current);
       canonical()
     }
  :: d_step { cl[c].phase == counting && (!FRESH(c) || !calm) ->
       printf("client %d gives back what it found late\n", c);
       send(c, giving_back, cl[c].current);
       canonical()
     }

  /* -------------------------------------------------------------------------------------------------- KeeperLoop */

  /* #renew: at any time before the deadline, so that it does not matter when one is due. */
  :: d_step { cl[c].phase == holding && IN_TIME(c) ->
       printf("client %d sends a renewal\n", c);
       send(c, renewing, cl[c].current);
       canonical()
     }
  /* #renewLate */
  :: d_step { cl[c].phase == holding && !IN_TIME(c) ->
       printf("client %d sends its late renewal\n", c);
       send(c, late, cl[c].current);
       canonical()
     }
  /* The job is done: Lease.release. The holder has stopped before. Also during a renewal, which is then left. */
  :: d_step { (cl[c].phase == holding || cl[c].phase == renewing) ->
       printf("client %d is done, and sends its release\n", c);
       leaveWrite(c);
       send(c, releasing, cl[c].current);
       canonical()
     }

  /* --------------------------------------------------------------------------------------------------- commit.ts */

  /* The answer `written` has arrived. */
  :: d_step { (cl[c].fate == mine || cl[c].fate == superseded || cl[c].fate == off) ->
       printf("client %d gets the answer: written\n", c);
       concludeApplied(c);
       canonical()
     }

  /* settle: a time-out or a conflict, and then a read. The nonce is ours. */
  :: d_step { cl[c].fate == mine ->
       printf("client %d has no answer, or a conflict, reads, and finds that its write has applied\n", c);
       cl[c].followed = true;
       concludeApplied(c);
       canonical()
     }
  /* Our nonce is in the trail. */
  :: d_step { cl[c].fate == superseded ->
       printf("client %d reads, and finds that its write has applied and was superseded\n", c);
#ifdef TRAIL_FORGOTTEN
       concludeConflict(c)
#else
       concludeNotCurrent(c)
#endif
       canonical()
     }
  /* The version is still the expected one: the identical bytes are sent again, and the write counts from its first send. */
  :: d_step { cl[c].fate == alive && !calm && !cl[c].followed &&
#ifdef COUNTED_FROM_THE_LAST_SEND
       TIMED(c) ->
#else
       cl[c].phase == entering ->
#endif
       printf("client %d reads, finds nothing, and is to send the same bytes again\n", c);
       cl[c].followed = true;
       canonical()
     }
#ifdef COUNTED_FROM_THE_LAST_SEND
  :: d_step { cl[c].followed && TIMED(c) && (cl[c].fate == alive || cl[c].fate == mine) && cl[c].writeAge > 0 ->
       printf("client %d sends the same bytes again, and counts from now\n", c);
       cl[c].writeAge = 0
     }
#endif
  /* Anything else: it can never apply. */
  :: d_step { cl[c].fate == off || cl[c].fate == dead ->
       printf("client %d reads, and finds that its write can never apply\n", c);
       concludeConflict(c);
       canonical()
     }

#ifdef CONFLICT_BELIEVED
  :: d_step { cl[c].fate != none && cl[c].fate != alive ->
       printf("client %d gets the answer: conflict, of a request that was delivered twice or too late\n", c);
       concludeConflict(c);
       canonical()
     }
#endif
#ifdef UNKNOWN_AS_CONFLICT
  :: d_step { OPEN(c) ->
       printf("client %d gets no answer, and takes that for a conflict\n", c);
       concludeConflict(c);
       canonical()
     }
#endif

  /* Time is up (timeIsUp: indeterminate), or the call is cut off. */
  :: d_step { !calm && cl[c].phase == entering ->
       printf("client %d gives up its acquisition\n", c);
#ifdef GIVE_UP_WITHOUT_WRITING
       if :: cl[c].fate == alive -> cl[c].settled = true :: else fi;
       forget(c)
#else
       if
       :: cl[c].fate == alive -> cl[c].givenUpAcquire = true; send(c, giving_up, true)
       :: else -> send(c, giving_up, false)
       fi
#endif
       canonical()
     }
  :: d_step { !calm && cl[c].phase == confirming ->
       printf("client %d leaves its renewal, and gives the lease back\n", c);
       leaveWrite(c);
       send(c, giving_back, cl[c].current);
       canonical()
     }
  :: d_step { !calm && cl[c].phase == renewing ->
       printf("client %d leaves its renewal for another one\n", c);
       leaveWrite(c);
       cl[c].phase = holding;
       canonical()
     }
  :: d_step { !calm && cl[c].phase == late ->
       printf("client %d has no answer to its late renewal: the lease is lost\n", c);
       leaveWrite(c);
       forget(c);
       canonical()
     }
  /* ... and is released where it may still stand: finish.ts, freeEarly. */
  :: d_step { !calm && cl[c].phase == late ->
       printf("client %d has no answer to its late renewal: the lease is lost, and is released\n", c);
       leaveWrite(c);
       send(c, releasing, cl[c].current);
       canonical()
     }
  :: d_step { !calm && cl[c].phase == giving_back ->
       printf("client %d could not give its lease back\n", c);
       leaveWrite(c);
       lookAgain(c);
       canonical()
     }
  :: d_step { !calm && (cl[c].phase == releasing || cl[c].phase == giving_up) ->
       printf("client %d leaves the lock to the ttl\n", c);
       leaveWrite(c);
       forget(c);
       canonical()
     }

#ifndef FEWER_FAULTS
  /* A crash, at any await. What was sent is still on its way. */
  :: d_step { !calm && (cl[c].phase != waiting || HELD_BY(c)) ->
       printf("client %d crashes\n", c);
       leaveWrite(c);
       forget(c);
       canonical()
     }
#endif
  od
}

/* ---------------------------------------------------------------------------------------------------- the network */

proctype Network(byte c) {
  byte d;
  do
  :: d_step { cl[c].fate == alive ->
       printf("  the store applies the write of client %d\n", c);
       deliverOpen(c);
       canonical()
     }
  :: d_step { cl[c].givenUpAcquire ->
       printf("  the store applies the acquisition that client %d is giving up\n", c);
       putHeld(c, RAISE, false);
       canonical()
     }
  :: d_step { cl[c].pastAcquire ->
       printf("  the store applies an acquisition that client %d left behind\n", c);
       putHeld(c, RAISE, true);
       canonical()
     }
  :: d_step { cl[c].pastRenew ->
       printf("  the store applies a renewal that client %d left behind\n", c);
       putRenewed(c, state == held && holder == c);
#ifdef NO_NONCE
       cl[c].twin = HELD_BY(c);
#endif
       canonical()
     }
  :: d_step { cl[c].pastRelease ->
       printf("  the store applies a release that client %d left behind\n", c);
       putReleased(c, state == held && holder == c);
       canonical()
     }
  :: d_step { cl[c].pastGiveUp ->
       printf("  the store applies a write by which client %d gave up\n", c);
       putGivenUp(c);
       canonical()
     }
  :: d_step { cl[c].settled ->
       printf("  the store applies a write of client %d that was settled: it should never have been able to\n", c);
       MUST(false, "violated: what is settled as a conflict never applies\n");
       canonical()
     }
#ifdef DELETE_INSTEAD_OF_RELEASE
  :: d_step { cl[c].expectsAbsent && state == absent ->
       printf("  the store applies an old acquisition of client %d that expects no record: there is none again\n", c);
       MUST(false, "violated: what is settled as a conflict never applies\n");
       canonical()
     }
#endif
  od
}

/* --------------------------------------------------------------------------------------- the operator, the clocks */

/*
 * break.ts. One that is delayed applies only over the version that was read: the same as an operator who comes later.
 */
proctype Operator() {
  byte d;
  do
  :: d_step { !calm && state == held ->
       printf("an operator breaks the lease of client %d\n", holder);
       if :: !ofThePast -> cl[holder].broken = true :: else fi;
       newVersion(CLIENTS);
       state = released; holder = 0; ofThePast = false;
       canonical()
     }
  od
}

/*
 * Sleeping machines, and wall clocks that are set. Nothing shows how much time has passed to a holder whose machine slept
 * and whose wall clock was set back, unless it looked in between. A keeper looks twice a second (KeeperLoop.#look), and
 * where its wall clock was set back it sets the deadline back with it: its lease then counts as if that had not happened,
 * and so does the renewal that is under way. Assumed is that the two do not come between two looks of a keeper, nor both
 * during an acquisition, which has no keeper yet. A clock is off by SET at most: more shows nothing new.
 */
#ifdef CLOCKS
#define LAGS_LITTLE(c) (cl[c].leaseAge - cl[c].leaseMono < SET && cl[c].writeAge - cl[c].writeMono < SET)
#define MAY_SET(c) (HAS_LEASE(c) || HAS_TIMED_WRITE(c))
#define SLEPT(c) (cl[c].leaseMono < cl[c].leaseAge || cl[c].writeMono < cl[c].writeAge)
#define BEHIND(c) (cl[c].leaseWall < cl[c].leaseAge || cl[c].writeWall < cl[c].writeAge)
#ifdef SET_BACK_DURING_RENEWAL_FORGOTTEN
#define FOLLOWS(c) false
#else
#define FOLLOWS(c) HOLDS(c)
#endif
#ifdef SET_BACK_UNNOTICED
#define NOTICES(c) false
#else
#define NOTICES(c) HOLDS(c)
#endif
#ifdef SLEEPS_AND_IS_SET_BACK
#define MAY_SLEEP(c) LAGS_LITTLE(c)
#define MAY_SET_BACK(c) MAY_SET(c)
#else
#define MAY_SLEEP(c) (LAGS_LITTLE(c) && (HOLDS(c) || !BEHIND(c)))
#define MAY_SET_BACK(c) (MAY_SET(c) && (HOLDS(c) || !SLEPT(c)))
#endif
#endif

#define UP(x, most) x = (x < most -> x + 1 : x)

/*
 * Where all faults are off, nobody lets a tick pass before it has done what is to be done: who waits has looked and taken
 * what it may, who holds has renewed, or is done with its job, and no write is open.
 */
#define WAITS(c) (cl[c].phase == waiting && !FREE && !HELD_BY(c) && (!LOOKS || cl[c].watched > 0) && !EXPIRED(c))
#define KEEPS(c) (cl[c].phase == holding && IN_TIME(c) && 2 * cl[c].leaseAge < TTL)
#define DONE(c) (WAITS(c) || KEEPS(c))

#if CLIENTS == 2
#define ALL(P) (P(0) && P(1))
#else
#define ALL(P) (P(0) && P(1) && P(2))
#endif

#if defined(LIVE)
#define MAY_TICK (!calm || ALL(WAITS))
#elif defined(QUIET)
#define MAY_TICK ALL(DONE)
#else
#define MAY_TICK true
#endif

/* Time passes for client c. A machine that is asleep does not count it on its monotonic clock. */
inline tickClient(c, asleep) {
  if
  :: HAS_LEASE(c) && cl[c].leaseAge < LONGEST ->
     cl[c].leaseAge++;
#ifdef CLOCKS
     cl[c].leaseWall++;
     if :: !(asleep) -> cl[c].leaseMono++ :: else fi
#endif
  :: else
  fi;
  if
  :: HAS_TIMED_WRITE(c) && cl[c].writeAge < LONGEST ->
     cl[c].writeAge++;
#ifdef CLOCKS
     cl[c].writeWall++;
     if :: !(asleep) -> cl[c].writeMono++ :: else fi
#endif
  :: else
  fi;
  if
  :: cl[c].watched > 0 && !(asleep) ->
     UP(cl[c].watched, LONGEST_WATCH + 1);
#if STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE
     UP(cl[c].seenAge, OLDEST)
#endif
  :: else
  fi
}

/* One tick. `sleepers` is the set of the clients whose machines are asleep, as bits. */
inline tick(sleepers) {
  if :: state == held -> UP(age, OLDEST) :: else fi;
  c = 0;
  do
  :: c < CLIENTS -> tickClient(c, (sleepers >> c) & 1); c++
  :: else -> c = 0; break
  od;
#ifdef LIVE
  if :: calm -> dry++ :: else fi;
  MUST(dry <= TTL + GRACE, "violated: once faults are over, somebody acquires within ttl + grace\n");
#endif
  canonical()
}

proctype Clock() {
  byte c;
  do
  :: d_step { MAY_TICK -> printf("-- a tick\n"); tick(0) }
#ifdef CLOCKS
  :: d_step { MAY_SLEEP(0) -> printf("-- a tick; the machine of client 0 is asleep\n"); tick(1) }
  :: d_step { MAY_SLEEP(1) -> printf("-- a tick; the machine of client 1 is asleep\n"); tick(2) }
  :: d_step { MAY_SLEEP(0) && MAY_SLEEP(1) -> printf("-- a tick; both machines are asleep\n"); tick(3) }
#endif
#if STORE_CLOCK == SHARED || STORE_CLOCK == REMOTE
  /* The store's clock is set forward; several times for more. */
  :: d_step { state == held && age < OLDEST ->
       printf("-- the clock of the store is set forward by a tick\n");
       age++;
#if STORE_CLOCK == SHARED
       c = 0;
       do
       :: c < CLIENTS ->
          if :: HAS_LEASE(c) -> UP(cl[c].leaseAge, LONGEST) :: else fi;
          if :: HAS_TIMED_WRITE(c) -> UP(cl[c].writeAge, LONGEST) :: else fi;
          c++
       :: else -> c = 0; break
       od;
#endif
       canonical()
     }
#endif
#ifdef LIVE
  /* All faults end. What was on its way from before has arrived or is lost. */
  :: d_step { !calm ->
       printf("-- all faults are over\n");
       calm = true;
       do
       :: c < CLIENTS ->
          cl[c].givenUpAcquire = false; cl[c].pastAcquire = false;
          cl[c].pastRenew = false; cl[c].pastRelease = false; cl[c].pastGiveUp = false;
          c++
       :: else -> c = 0; break
       od;
       canonical()
     }
#endif
  od
}

#ifdef CLOCKS
/* The wall clock of client c is set. */
proctype WallClock(byte c) {
  do
  :: d_step { MAY_SET(c) && cl[c].leaseWall < cl[c].leaseAge + SET && cl[c].writeWall < cl[c].writeAge + SET ->
       printf("-- the wall clock of client %d is set forward by a tick\n", c);
       if :: HAS_LEASE(c) -> cl[c].leaseWall++ :: else fi;
       if :: HAS_TIMED_WRITE(c) -> cl[c].writeWall++ :: else fi;
       canonical()
     }
  :: d_step { MAY_SET_BACK(c) && cl[c].leaseWall > cl[c].leaseAge - SET && cl[c].writeWall > cl[c].writeAge - SET ->
       printf("-- the wall clock of client %d is set back by a tick\n", c);
       if :: HAS_LEASE(c) && !NOTICES(c) -> cl[c].leaseWall-- :: else fi;
       if :: HAS_TIMED_WRITE(c) && !FOLLOWS(c) -> cl[c].writeWall-- :: else fi;
       canonical()
     }
  od
}
#endif

/* ------------------------------------------------------------------------------------------------------ properties */

#ifdef FAIRLY
/* Once all faults are over, somebody acquires again and again, if no process is passed over for ever. */
#define HOLDING(c) (cl[c].phase == holding)
ltl somebody_acquires { (<> calm) -> ([] <> ANY(HOLDING)) }
#endif

/* Looks at every state. */
active proctype Monitor() {
  atomic { TWO(BELIEVES) -> printf("violated: at most one believes that it holds the lock\n"); assert(false) }
}

init {
  byte c;
  atomic {
    do
    :: c < CLIENTS -> cl[c].phase = waiting; cl[c].fate = none; run Client_(c); run Network(c); c++
    :: else -> c = 0; break
    od;
#ifdef CLOCKS
    run WallClock(0); run WallClock(1);
#endif
#ifndef FEWER_FAULTS
    run Operator();
#endif
    run Clock()
  }
}
