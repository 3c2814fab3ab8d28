/*
 * Two names, one below the other, and the handshake between a lease on the tree above and the leases below it: each side
 * writes its own record first and reads the other's after, and a stale lease on the other name is ended by a write. What
 * one record does is in lease.pml; here each call to the store is one step, since what is lost or late on the way there is
 * settled by the rules of one record. Any step may happen next, or never: that is a pause, or a crash.
 *
 * Clients 0 and 1 want the lower name, client 2 wants the tree. The switches break a rule each.
 */

#ifndef TTL
#define TTL 4
#endif
#define BELIEVED (TTL - 1) /* less the margin */
#define EXPIRED (TTL + 1)  /* and the grace */
#define CLIENTS 3
#define NOBODY 9
#define GHOST 8 /* the lease of a client that has crashed */
#define LOWER 0
#define TREE 1
#define OLDEST (TTL + 1)

mtype = { idle, wrote, in, leaving, waiting };

/* The two records: who has it, and how long ago it was written. */
byte holder[2] = NOBODY;
byte age[2];

typedef Client {
  mtype at = idle;
  byte sent;    /* ticks since the last write that applied was sent */
  bool clear;   /* the other name was looked at before the write, and was free (only where a side looks first) */
  bool judged;  /* the lease on the other name was seen to be stale, and has not been written since */
}
Client cl[CLIENTS];

#define own(c) (c == 2 -> TREE : LOWER)
#define other(c) (c == 2 -> LOWER : TREE)
#define believes(c) (cl[c].at == in && cl[c].sent < BELIEVED)

/* A write: whoever had judged the version before must judge anew. */
inline put(key, who) {
  holder[key] = who;
  age[key] = 0;
  i = 0;
  do
  :: i < CLIENTS -> if :: other(i) == key -> cl[i].judged = false :: else fi; i++
  :: else -> break
  od;
  i = 0
}

proctype client(byte c) {
  byte i;
  do
#if defined(LOWER_LOOKS_FIRST) || defined(TREE_LOOKS_FIRST)
  :: atomic { cl[c].at == idle && holder[other(c)] == NOBODY -> cl[c].clear = true }
#endif
  /* Takes its own name, free or stale. */
  :: atomic { cl[c].at == idle && (holder[own(c)] == NOBODY || (holder[own(c)] != c && age[own(c)] >= EXPIRED)) ->
       put(own(c), c); cl[c].sent = 0; cl[c].at = wrote }
  /* Reads the other's: the lower one gives way, the tree waits. */
  :: atomic { cl[c].at == wrote && c != 2 ->
       if
#ifdef LOWER_LOOKS_FIRST
       :: cl[c].clear && cl[c].sent < BELIEVED -> cl[c].at = in
#endif
#ifdef NO_GIVING_WAY
       :: cl[c].sent < BELIEVED -> cl[c].at = in
#endif
       :: holder[TREE] == NOBODY && cl[c].sent < BELIEVED -> cl[c].at = in
       :: else -> cl[c].at = leaving
       fi;
       cl[c].clear = false }
  :: atomic { cl[c].at == wrote && c == 2 && (holder[LOWER] == NOBODY
#ifdef TREE_LOOKS_FIRST
       || cl[c].clear
#endif
#ifdef NO_WAITING
       || true
#endif
       ) -> cl[c].at = in; cl[c].clear = false }
  /* A stale lease on the other name. */
  :: atomic { (cl[c].at == waiting || (cl[c].at == wrote && c == 2)) && !cl[c].judged &&
       holder[other(c)] != NOBODY && age[other(c)] >= EXPIRED -> cl[c].judged = true }
#ifdef JUDGED_ENDED
  :: atomic { cl[c].judged && cl[c].at == wrote -> cl[c].at = in; cl[c].judged = false }
#else
  :: atomic { cl[c].judged && (cl[c].at == waiting || cl[c].at == wrote) -> put(other(c), NOBODY) }
#endif
  /* A renewal applies if nobody has written since, however late it is. */
  :: atomic { (cl[c].at == in || (cl[c].at == wrote && c == 2)) ->
       if
       :: holder[own(c)] == c -> put(own(c), c); cl[c].sent = 0
       :: else -> cl[c].at = idle
       fi }
  :: atomic { cl[c].at == in -> cl[c].at = leaving }
  :: atomic { cl[c].at == wrote && c == 2 -> cl[c].at = leaving }
  :: atomic { cl[c].at == leaving ->
       if :: holder[own(c)] == c -> put(own(c), NOBODY) :: else fi;
       cl[c].at = (c == 2 -> idle : waiting) }
  :: atomic { cl[c].at == waiting && holder[TREE] == NOBODY -> cl[c].at = idle }
  /* A crash: what it knew is gone, what it wrote stays. */
  :: atomic { cl[c].at != idle ->
       if :: holder[own(c)] == c -> holder[own(c)] = GHOST :: else fi;
       cl[c].at = idle; cl[c].judged = false; cl[c].clear = false }
  od
}

active proctype time() {
  byte i;
  do
  :: atomic {
       if :: age[LOWER] < OLDEST -> age[LOWER]++ :: else fi;
       if :: age[TREE] < OLDEST -> age[TREE]++ :: else fi;
       i = 0;
       do
       :: i < CLIENTS -> if :: cl[i].sent < OLDEST -> cl[i].sent++ :: else fi; i++
       :: else -> break
       od;
       i = 0 }
  od
}

active proctype watcher() {
  atomic {
    (believes(2) && (believes(0) || believes(1))) || (believes(0) && believes(1)) ->
    assert(false)
  }
}

init { atomic { run client(0); run client(1); run client(2) } }
