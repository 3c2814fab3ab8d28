import type { Clock } from '../base/clock.js';
import { type ProcessId } from '../base/process.js';
import { type FileState } from './files.js';
import { type Standing } from './protocol.js';
/** What a record says of its holder. */
export interface LevelsRecord {
    readonly version: 0 | 1;
    /** The machine; absent in version 0, which knows of one only. */
    readonly systemId?: string;
    readonly pid: number;
    /** What `ps` said of the process, verbatim; empty where there was none to ask. */
    readonly ps: string;
}
/** What a record is made of and judged by: the system's own, unless a test hands in another. */
export interface System {
    /** @throws ProtocolError where the machine can't be told */
    systemId(): string;
    isAlive(process: ProcessId): boolean;
    identify(pid: number): ProcessId;
    /** `undefined` when there is no `ps`, or it knows no such process or no such options. */
    ps(pid: number): string | undefined;
    /** What a process is called and how this one describes others: when it is the same, and the clock, so is what `ps` says. */
    namesOf(pid: number): string;
    /** Since when this system runs, by its wall clock; `undefined` where it does not say. */
    bootMs(): number | undefined;
}
export declare const thisSystem: System;
/**
 * Writes records, version 1, as the original does. To ask `ps` takes far longer than all else that a lock takes, so what it said
 * of a process is kept: no other than that is what the record of a lock that is held for long says.
 */
export declare class Scribe {
    #private;
    constructor(clock: Clock, system?: System);
    /** @throws ProtocolError when the process does not run: its lock would be anybody's at once */
    recordOf(pid: number): string;
}
/** @returns `undefined` for what is no record: then nobody knows whether the lock is held */
export declare function parseRecord(bytes: string): LevelsRecord | undefined;
/**
 * Judges records. It asks `ps` only once of a holder that it has found alive: who waits looks ten times a second, and after that
 * the kernel's start time of the process tells whether it is still the same.
 */
export declare class Judge {
    #private;
    constructor(system?: System);
    /** Whether the holder that a record names still has the lock. */
    standingOf(state: FileState): Standing;
}
