import { COMMAND_NAMES, type CommandName } from '../protocol.js';
import { COMMANDS, COMMON_OPTIONS, type OptionHelp } from './command-helps.js';
import { EXIT_CODES } from './exit-codes.js';
import { alignColumns } from './text-table.js';

const optionOf = ({ name, short, value }: OptionHelp): string =>
  `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;

/** @param command undefined for the program itself */
export function helpOf(command: CommandName | undefined): string {
  return `${(command === undefined ? programHelp() : commandHelp(command)).join('\n')}\n`;
}

function programHelp(): string[] {
  return [
    'Usage: nestjs-resources <command> [options]',
    '',
    'Administers a running application over its admin socket (option "admin" of ResourcesModule).',
    '',
    'Commands:',
    ...indent(COMMAND_NAMES.map((name) => [name, COMMANDS[name].summary])),
    '',
    ...commonHelp([['--version', 'print the version of this program']]),
    '',
    'Exit codes:',
    ...indent(EXIT_CODES.map(([code, means]) => [String(code), means])),
  ];
}

function commandHelp(command: CommandName): string[] {
  const { summary, details, positionals, options } = COMMANDS[command];
  const args = positionals.map(({ name, needed }) => (needed ? ` <${name}>` : ` [${name}]`)).join('');
  const own = [
    ...positionals.map(({ name, means }) => [name, means]),
    ...options.map((option) => [optionOf(option), option.means]),
  ];
  return [
    `Usage: nestjs-resources ${command}${args} [options]`,
    '',
    `${summary[0].toUpperCase()}${summary.slice(1)}.`,
    ...details,
    '',
    ...(own.length === 0 ? [] : [...indent(own), '']),
    ...commonHelp(),
  ];
}

function commonHelp(more: readonly string[][] = []): string[] {
  const rows = COMMON_OPTIONS.map((option) => [optionOf(option), option.means]);
  return ['Options of all commands:', ...indent([...rows, ...more])];
}

function indent(rows: readonly (readonly string[])[]): string[] {
  return alignColumns(rows).map((line) => `  ${line}`);
}
