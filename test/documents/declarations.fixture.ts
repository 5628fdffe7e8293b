import { join } from 'node:path';
import ts from 'typescript';
import { PROJECT } from './document.fixture.js';

/*
 * What the library's sources declare, by name and wherever the file stands, so that the documents' tables can be
 * compared with it.
 */

interface Declared<D> {
  declaration: D;
  file: ts.SourceFile;
}

/** Parsed once, because each table asks for several. */
let sources: ts.SourceFile[] | undefined;

/** The options that an interface of the library declares, groups with a dot: `creation.timeout`. */
export function membersOf(interfaceName: string): string[] {
  const { declaration, file } = find(interfaceName, ts.isInterfaceDeclaration);
  return namesOf(declaration.members, file);
}

/** The kinds of events that a type of the library is made of. */
export function kindsOf(typeName: string): string[] {
  return kindsIn(find(typeName, ts.isTypeAliasDeclaration).declaration.type);
}

function find<D extends ts.DeclarationStatement>(
  name: string,
  isWanted: (statement: ts.Statement) => statement is D & ts.Statement,
): Declared<D> {
  sources ??= parseAll();
  for (const file of sources) {
    for (const statement of file.statements) {
      if (isWanted(statement) && statement.name?.getText(file) === name)
        return { declaration: statement, file };
    }
  }
  throw new Error(`the library declares no ${name}`);
}

function parseAll(): ts.SourceFile[] {
  const exclude = ['**/*.spec.ts', '**/*.fixture.ts'];
  return ts.sys
    .readDirectory(join(PROJECT, 'libs/resources/src'), ['.ts'], exclude)
    .map((path) => ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.Latest));
}

function namesOf(members: ts.NodeArray<ts.TypeElement>, file: ts.SourceFile): string[] {
  return members.flatMap((member) => {
    if (!ts.isPropertySignature(member) && !ts.isMethodSignature(member)) return [];
    if (member.getFullText(file).includes('@internal')) return []; // the build leaves it out
    const { type } = member;
    const text = member.name.getText(file);
    const group = type !== undefined && ts.isTypeReferenceNode(type) ? type.typeName.getText(file) : '';
    // A group of options is an interface of its own.
    return group.endsWith('Options') ? membersOf(group).map((inner) => `${text}.${inner}`) : [text];
  });
}

function kindsIn(type: ts.TypeNode): string[] {
  if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) return type.types.flatMap(kindsIn);
  if (ts.isParenthesizedTypeNode(type)) return kindsIn(type.type);
  if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) return kindsOf(type.typeName.text);
  if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
  if (!ts.isTypeLiteralNode(type)) return [];
  return type.members.flatMap((member) => {
    const isKind =
      ts.isPropertySignature(member) && ts.isIdentifier(member.name) && member.name.text === 'kind';
    return isKind && member.type !== undefined ? kindsIn(member.type) : [];
  });
}
