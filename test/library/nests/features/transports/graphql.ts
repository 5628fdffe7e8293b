import { type CanActivate, type ExecutionContext, Injectable, Scope, UseGuards } from '@nestjs/common';
import { ApolloDriver } from '@nestjs/apollo';
import {
  Args,
  Context,
  Field,
  GqlExecutionContext,
  GraphQLModule,
  GraphQLSchemaHost,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { type GraphQLResolveInfo, printSchema } from 'graphql';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@ObjectType()
class Author {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  name?: string;
}

@InputType()
class NewAuthor {
  @Field(() => String)
  name!: string;

  @Field(() => Int, { nullable: true })
  age?: number;
}

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const graphql = GqlExecutionContext.create(context);
    const info = graphql.getInfo<GraphQLResolveInfo>();
    calls.push(
      `guard ${context.getType<string>()} ${context.getClass().name}.${handler.name} ${info.fieldName}`,
    );
    calls.push(`same ${(context.getClass().prototype as Record<string, unknown>)[handler.name] === handler}`);
    return handler.name !== 'refused';
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  static made = 0;
  readonly number = ++PerRequest.made;
}

@Resolver(() => Author)
@UseGuards(Guard)
class Authors {
  @Query(() => Author)
  async author(@Args('id') id: string, @Info() info: GraphQLResolveInfo): Promise<Author> {
    calls.push(
      `author ${id} ${info.operation.operation} ${arguments.length} ${this.constructor === Authors}`,
    );
    return await Promise.resolve({ id });
  }

  @Query(() => [Author])
  authors(
    @Args('more', { nullable: true, type: () => Int }) more: number | undefined,
    @Context() context: object,
  ): Author[] {
    calls.push(`authors ${more} ${Object.keys(context).toSorted().join()}`);
    return [{ id: '1' }, { id: '2' }];
  }

  @ResolveField('name', () => String)
  name(@Parent() { id }: Author): string {
    if (id === '0') throw new RangeError('no name');
    return `name of ${id}`;
  }

  @Mutation(() => Author)
  add(@Args('author') author: NewAuthor): Author {
    return { id: `${author.name} ${author.age}` };
  }

  @Query(() => String)
  refused(): string {
    return 'never';
  }
}

@Resolver()
class Scoped {
  constructor(private readonly own: PerRequest) {}

  @Query(() => Int)
  number(): number {
    return this.own.number;
  }
}

const QUERIES = [
  '{ author(id: "7") { id name } }',
  '{ authors(more: 2) { id name } }',
  '{ author(id: "0") { id name } }',
  'mutation { add(author: { name: "ada", age: 3 }) { id } }',
  '{ refused }',
  '{ number }',
  '{ again: number number }',
  '{ unknown }',
  '{ broken',
];

/** Queries, mutations, resolved fields, guards and errors: with Apollo on Express, and with Mercurius on Fastify. */
export default async function graphql(trial: Trial): Promise<unknown> {
  calls.length = 0;
  PerRequest.made = 0;
  const driver = trial.adapter === 'express' ? ApolloDriver : MercuriusDriver;
  const module = GraphQLModule.forRoot({
    driver,
    autoSchemaFile: true,
    includeStacktraceInErrorResponses: false,
  });
  const metadata = { imports: [module], providers: [Authors, Scoped, PerRequest] };
  return await trial.ask(metadata, async (client, app) => {
    const answers: Record<string, unknown> = {};
    for (const query of QUERIES) answers[query] = await client.post('/graphql', { query });
    const { schema } = app.get(GraphQLSchemaHost);
    return { answers, calls, schema: printSchema(schema) };
  });
}
