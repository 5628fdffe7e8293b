import type { CommandName } from '../protocol.js';

export interface OptionHelp {
  readonly name: string;
  readonly short?: string;
  /** What its value is called; a flag has none. */
  readonly value?: string;
  readonly means: string;
}

export interface PositionalHelp {
  readonly name: string;
  readonly needed: boolean;
  readonly means: string;
}

export interface CommandHelp {
  readonly summary: string;
  readonly details: readonly string[];
  readonly positionals: readonly PositionalHelp[];
  readonly options: readonly OptionHelp[];
}

const DRY_RUN = { name: 'dry-run', means: 'change nothing, and say what would be changed' } as const;
const BY = {
  name: 'by',
  value: 'name',
  means: 'who does it, for the log and the history; default: the name of your account',
} as const;

/** Known to every command. */
export const COMMON_OPTIONS: readonly OptionHelp[] = [
  {
    name: 'socket',
    value: 'path',
    means: 'the admin socket, or the directory that it is in; default: $NESTJS_RESOURCES_SOCKET',
  },
  {
    name: 'timeout',
    value: 'duration',
    means:
      'how long to wait for a process that does not respond; default: 10s. What takes long is waited for',
  },
  { name: 'json', means: 'print one JSON document' },
  { name: 'help', short: 'h', means: 'print this help' },
];

/** What each command takes, from which command lines are read and the help is written. */
export const COMMANDS: Readonly<Record<CommandName, CommandHelp>> = {
  status: {
    summary: 'show what is on loan, who waits, and what is wrong',
    details: ['Borrows nothing, and so answers while every resource is on loan.'],
    positionals: [],
    options: [],
  },
  history: {
    summary: 'show how configurations were changed, by whom, and how that ended',
    details: ['The newest change stands last. What may be a secret is shown as ***.'],
    positionals: [{ name: 'type', needed: false, means: 'a resource type; default: all' }],
    options: [],
  },
  backup: {
    summary: 'print all configurations as a JSON document',
    details: [
      'Write it into a file: nestjs-resources backup > backup.json',
      'It holds no secrets; with --values, it holds what the application has in its cache.',
    ],
    positionals: [],
    options: [{ name: 'values', means: "add the cache's plain values" }],
  },
  diff: {
    summary: 'show what runs otherwise than it stands in the code, or in a document',
    details: [
      'Without a document: what the next deploy of the same code would bring back.',
      'With one: what "restore" would change. Ends with code 1 when there are differences.',
    ],
    positionals: [{ name: 'document', needed: false, means: 'a file that "backup" wrote, or - for stdin' }],
    options: [],
  },
  restore: {
    summary: 'apply a document that "backup" wrote: all of it, or nothing',
    details: [],
    positionals: [{ name: 'document', needed: true, means: 'a file that "backup" wrote, or - for stdin' }],
    options: [DRY_RUN, BY],
  },
  rollback: {
    summary: "take a type's configuration back to an earlier version",
    details: [],
    positionals: [
      { name: 'type', needed: true, means: 'a resource type' },
      { name: 'version', needed: false, means: 'as "history" numbers them; default: the one before' },
    ],
    options: [DRY_RUN, BY],
  },
  drain: {
    summary: 'let work in progress go on until the deadline, refuse all other, and close all pools',
    details: ['There is no way back: afterwards, the process lends nothing until it is started again.'],
    positionals: [],
    options: [
      {
        name: 'deadline',
        value: 'duration',
        means: "how long work may go on; default: the application's drainTimeout",
      },
      DRY_RUN,
      BY,
    ],
  },
};
