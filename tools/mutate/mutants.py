"""mutants.py: from a C source to a copy that holds all its mutants at once, and the list of them.

A mutant schema: each place that can be changed becomes a choice on one global number, lw__mutant, so that one binary holds
every mutant and choosing one costs nothing. 0 is the program as it is. The tree comes from clang (-ast-dump=json), so a
place is an expression or a statement of the language and never a guess about text; what is written is the source's own
text with the choices put around it. Only one mutant is chosen at a time, so inside a mutated alternative the text stands
as it was.

Left out, and counted: what stands inside LW_ALWAYS or LW_NEVER (guards for the impossible: no input reaches their other
side, and the coverage gate leaves them out as well); static tables; the step of a for loop (every change of it is an
endless loop); `<` for `<=` and the like in a minimum or maximum (`a < b ? a : b` is the same function either way).
"""
import bisect
import json
import os
import re
import subprocess

RELATION = {'<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'], '==': ['!='], '!=': ['==']}
ARITHMETIC = {'+': ['-'], '-': ['+'], '*': ['+'], '/': ['*'], '%': ['*'], '<<': ['>>'], '>>': ['<<'], '&': ['|'], '|': ['&'], '^': ['|']}
COMPOUND = {'+=': ['-='], '-=': ['+='], '*=': ['+='], '/=': ['*='], '<<=': ['>>='], '>>=': ['<<='], '|=': ['&='], '&=': ['|='], '^=': ['|=']}
BOUNDARY = {('<', '<='), ('<=', '<'), ('>', '>='), ('>=', '>')}
LITERAL = re.compile(r'(\d+)([uUlL]*)$')


def squeeze(text):
    return re.sub(r'\s+', ' ', text).strip()


def bare(text):
    """Without spaces, casts to a number type and outer brackets: for saying that two operands are the same."""
    text = re.sub(r'\((u?int\d+_t|int)\)', '', re.sub(r'\s+', '', text))
    while text.startswith('(') and text.endswith(')'):
        text = text[1:-1]
    return text


class Source:
    """One source, its tree, its mutants. text: as it is; mutants: list of dicts in the order of the file."""

    def __init__(self, root, path, flags, first, first_place):
        self.path = path
        self.full = os.path.join(root, path)
        with open(self.full, 'rb') as file:
            self.bytes = file.read()
        self.mutants = []
        self.left_out = {'guards for the impossible': 0, 'steps of a loop': 0, 'minimum and maximum at equality': 0}
        self.number = first
        self.place = first_place
        self.lines = [0] + [m.end() for m in re.finditer(rb'\n', self.bytes)]
        self.impossible = self.find_impossible()
        self.local_names = self.find_local_names()
        tree = subprocess.run(['clang-14', '-std=c17', *flags, '-fsyntax-only', '-Xclang', '-ast-dump=json', self.full],
                              check=True, stdout=subprocess.PIPE).stdout
        self.here = None
        unit = json.loads(tree)
        out = []
        at = 0
        for node in unit['inner']:
            self.track(node, node is unit['inner'][0])
            if node.get('kind') != 'FunctionDecl' or not node.get('mine'):
                continue
            body = next((n for n in node.get('inner', []) if n['kind'] == 'CompoundStmt'), None)
            if body is None:
                continue
            begin, end = self.span(body)
            self.function = node['name']
            self.returns_bool = node['type']['qualType'].startswith(('_Bool', 'bool'))
            self.last = body['inner'][-1]['id'] if body.get('inner') else None
            out.append(self.text(at, begin))
            out.append(self.render(body, []))
            at = end
        out.append(self.text(at, len(self.bytes)))
        self.mutated = '#include "mutate/switch.h"\n#line 1 "%s"\n%s' % (path, ''.join(out))
        self.name_all()

    # ---- the text ----

    def text(self, begin, end):
        return self.bytes[begin:end].decode()

    def line(self, offset):
        return bisect.bisect_right(self.lines, offset)

    def find_impossible(self):
        spans = []
        for m in re.finditer(rb'\bLW_(ALWAYS|NEVER)\(', self.bytes):
            spans.append((m.start(), self.closing(m.end() - 1)))
        return spans

    def closing(self, at):
        """The offset after the bracket that closes the one at `at`."""
        depth = 0
        for i in range(at, len(self.bytes)):
            depth += {40: 1, 41: -1}.get(self.bytes[i], 0)
            if depth == 0:
                return i + 1
        raise ValueError(f'{self.path}: no closing bracket')

    def find_local_names(self):
        """Constants that the source names for itself: enum { … } at its top."""
        names = set()
        for m in re.finditer(r'^enum \{(.*?)^\};', self.bytes.decode(), re.S | re.M):
            names |= set(re.findall(r'^\s*([A-Z][A-Z0-9_]+)\s*=', m.group(1), re.M))
        return names

    # ---- where a node stands ----

    def track(self, node, begins):
        """clang names a file only where it changes; follows that, and marks the functions of this source as mine."""
        def walk(value, key):
            if isinstance(value, dict):
                if 'file' in value and 'offset' in value:
                    self.here = value['file']
                if key == 'loc' and value.get('offset') is not None:
                    node.setdefault('mine', self.here == self.full)
                for k, v in value.items():
                    walk(v, k)
            elif isinstance(value, list):
                for v in value:
                    walk(v, key)
        for k in ('loc', 'range', 'inner'):
            if k in node:
                walk(node[k], k if k == 'loc' else '')

    def point(self, place, at_end):
        """A file offset, with the token's length where it is an end. What a macro's own body writes is where it is used."""
        if 'offset' in place:
            offset, length, macro = place['offset'], place['tokLen'], False
        elif 'expansionLoc' in place:
            expansion = place['expansionLoc']
            if expansion.get('isMacroArgExpansion'):
                spelled = place['spellingLoc']
                offset, length, macro = spelled['offset'], spelled['tokLen'], False
            else:
                offset, length, macro = expansion['offset'], expansion['tokLen'], True
        else:
            return None
        if not at_end:
            return offset
        end = offset + length
        if macro and self.bytes[end:end + 1] == b'(':
            end = self.closing(end)
        return end

    def span(self, node):
        if 'range' not in node:
            return None
        begin = self.point(node['range'].get('begin', {}), False)
        end = self.point(node['range'].get('end', {}), True)
        return None if begin is None or end is None or end <= begin else (begin, end)

    def is_macro(self, node):
        begin = node.get('range', {}).get('begin', {})
        return 'expansionLoc' in begin and not begin['expansionLoc'].get('isMacroArgExpansion')

    def off_limits(self, span):
        return any(b <= span[0] and span[1] <= e for b, e in self.impossible)

    def touches_impossible(self, span):
        return any(span[0] <= b and e <= span[1] for b, e in self.impossible)

    # ---- the choices ----

    def add(self, span, kind, shown, change):
        self.mutants.append({'number': self.number, 'file': self.path, 'function': self.function, 'line': self.line(span[0]),
                             'kind': kind, 'from': squeeze(shown), 'to': squeeze(change), 'place': self.place})
        self.number += 1
        return self.number - 1

    def inner(self, node):
        return [n for n in node.get('inner', []) if n.get('kind')]

    def core(self, node):
        """Through what clang puts in by itself, and through brackets."""
        while node['kind'] in ('ImplicitCastExpr', 'ParenExpr', 'CStyleCastExpr', 'ConstantExpr') and self.inner(node):
            node = self.inner(node)[-1]
        return node

    def operator_at(self, left, right, opcode):
        """The operator's offset between its operands."""
        a, b = self.span(left)[1], self.span(right)[0]
        at = self.bytes.find(opcode.encode(), a, b)
        return at if at >= 0 else None

    def changes_of(self, node, parents):
        """(kind, new text of the whole node, shown from, shown to) for each mutant of an expression."""
        kind = node['kind']
        span = self.span(node)
        text = self.text(*span)
        inner = self.inner(node)
        parent = parents[-1] if parents else None
        found = []
        if kind == 'BinaryOperator' and not self.is_macro(node):
            op = node['opcode']
            left, right = inner
            ls, rs = self.span(left), self.span(right)
            if not ls or not rs:
                return []
            a, b = self.text(*ls), self.text(*rs)
            at = self.operator_at(left, right, op)
            if at is None:
                return []
            put = lambda new: self.text(span[0], at) + new + self.text(at + len(op), span[1])
            if op in RELATION:
                for new in RELATION[op]:
                    if (op, new) in BOUNDARY and self.is_extreme(node, parents, a, b):
                        self.left_out['minimum and maximum at equality'] += 1
                        continue
                    found.append(('relation', put(new), text, put(new)))
                if op == '==' and not self.is_constant(left) and not self.is_constant(right) and self.is_number(left):
                    found += [('relation', put(n), text, put(n)) for n in ('<=', '>=')]
            elif op in ('&&', '||'):
                other = '||' if op == '&&' else '&&'
                found.append(('logic', put(other), text, put(other)))
                if not self.touches_impossible(rs):
                    found.append(('condition dropped', a, text, a))
                if self.core(left).get('opcode') != op and not self.touches_impossible(ls):
                    found.append(('condition dropped', b, text, b))
            elif op in ARITHMETIC and not re.search(r'[*\[]', left['type']['qualType'] + right['type']['qualType']):
                found += [('arithmetic', put(n), text, put(n)) for n in ARITHMETIC[op]]
        elif kind == 'CompoundAssignOperator':
            left, right = inner
            op = node['opcode']
            at = self.operator_at(left, right, op)
            if at is not None:
                for new in COMPOUND.get(op, []):
                    put = self.text(span[0], at) + new + self.text(at + len(op), span[1])
                    found.append(('arithmetic', put, text, put))
        elif kind == 'UnaryOperator' and not self.is_macro(node):
            op = node['opcode']
            if op == '!':
                whole = self.text(*self.span(inner[0]))
                found.append(('logic', f'!!({whole})', text, whole))
            elif op in ('++', '--'):
                new = '--' if op == '++' else '++'
                put = text.replace(op, new)
                found.append(('arithmetic', put, text, put))
            elif op == '-' and not self.is_constant(inner[0]):
                put = self.text(*self.span(inner[0]))
                found.append(('arithmetic', put, text, put))
            elif op == '~':
                put = self.text(*self.span(inner[0]))
                found.append(('arithmetic', put, text, put))
        elif kind == 'ConditionalOperator' and not self.is_macro(node):
            c, a, b = (self.text(*self.span(n)) for n in inner)
            if bare(a) != bare(b):
                found.append(('branches swapped', f'{c} ? {b} : {a}', text, f'{c} ? {b} : {a}'))
        elif kind == 'IntegerLiteral':
            if text in ('true', 'false'):
                new = 'false' if text == 'true' else 'true'
                found.append(('truth', new, *self.within(span, new, parents)))
            elif LITERAL.match(text):
                value, suffix = LITERAL.match(text).groups()
                news = [int(value) + 1] + ([int(value) - 1] if int(value) > 0 else [])
                found += [('constant', f'{n}{suffix}', *self.within(span, f'{n}{suffix}', parents)) for n in news]
        elif kind == 'DeclRefExpr' and text in self.local_names:
            found += [('constant', f'({text} {sign} 1)', *self.within(span, f'({text} {sign} 1)', parents)) for sign in '+-']
        elif kind == 'ArraySubscriptExpr' and re.search(r'\[LW_PARAM_[A-Z0-9_]+\]$', text):
            found += [('constant', f'({text} {sign} 1)', *self.within(span, f'({text} {sign} 1)', parents)) for sign in '+-']
        # a truth that stands by itself among conditions
        if self.is_leaf_truth(node, parent, text):
            found.append(('logic', f'!({text})', *self.within(span, f'!({text})', parents)))
        return found

    def within(self, span, new, parents):
        """A short change shown inside what it stands in."""
        for p in reversed(parents):
            outer = self.span(p)
            if outer and outer[0] <= span[0] and outer[1] >= span[1] and outer != span:
                if p['kind'] in ('ImplicitCastExpr', 'ParenExpr', 'CStyleCastExpr', 'ArraySubscriptExpr', 'ConstantExpr', 'MemberExpr'):
                    continue
                if p['kind'] in ('CompoundStmt', 'IfStmt', 'ForStmt', 'WhileStmt', 'DeclStmt', 'SwitchStmt'):
                    break
                was = self.text(*outer)
                return was, self.text(outer[0], span[0]) + new + self.text(span[1], outer[1])
        return self.text(*span), new

    def is_number(self, node):
        kind = node['type'].get('desugaredQualType', node['type']['qualType'])
        return kind in ('int', 'const int', 'long', 'unsigned int', 'const unsigned int')

    def is_constant(self, node):
        core = self.core(node)
        if core['kind'] == 'BinaryOperator':
            return all(self.is_constant(n) for n in self.inner(core))
        if core['kind'] == 'UnaryOperator':
            return self.is_constant(self.inner(core)[0])
        name = core.get('referencedDecl', {}).get('kind')
        return core['kind'] in ('IntegerLiteral', 'CharacterLiteral') or name == 'EnumConstantDecl' or self.is_macro(core)

    def is_extreme(self, node, parents, a, b):
        """The condition of a minimum or maximum: both branches are the operands."""
        for p in reversed(parents):
            if p['kind'] in ('ParenExpr', 'ImplicitCastExpr'):
                continue
            if p['kind'] != 'ConditionalOperator':
                return False
            parts = [self.span(n) for n in self.inner(p)]
            return self.span(node) == parts[0] and {bare(a), bare(b)} == {bare(self.text(*s)) for s in parts[1:]}
        return False

    def is_leaf_truth(self, node, parent, text):
        """A member, variable or call that is itself a condition: of &&, ||, if, while, ?:, or returned as bool."""
        if node['kind'] not in ('MemberExpr', 'DeclRefExpr', 'CallExpr') or parent is None or self.is_macro(node):
            return False
        chain = [p for p in self.chain if p['kind'] not in ('ImplicitCastExpr', 'ParenExpr')]
        up = chain[-1] if chain else None
        if up is None:
            return False
        span = self.span(node)
        if up['kind'] == 'BinaryOperator':
            return up['opcode'] in ('&&', '||')
        if up['kind'] in ('IfStmt', 'WhileStmt', 'ConditionalOperator'):
            first = self.span(self.inner(up)[0])
            return first is not None and first[0] <= span[0] and span[1] <= first[1]
        return up['kind'] == 'ReturnStmt' and self.returns_bool

    # ---- writing ----

    def render(self, node, parents):
        """The node's text with the choices in it."""
        span = self.span(node)
        self.chain = parents
        kind = node['kind']
        made = []
        if kind.endswith(('Operator', 'Expr', 'Literal')) and not self.off_limits(span):
            wanted = self.changes_of(node, parents)
            if wanted:
                place = self.place
                for what, code, was, now in wanted:
                    made.append((self.add(span, what, was, now), code))
                self.place += 1
                body = self.children(node, parents)
                choices = ''.join(f'lw__mutant == {n} ? ({code}) : ' for n, code in made)
                return f'(LW__AT({place}), {choices}({body}))'
        elif kind.endswith(('Operator', 'Expr', 'Literal')) and kind in ('BinaryOperator', 'IntegerLiteral', 'ConditionalOperator', 'UnaryOperator'):
            if not self.is_macro(node):
                self.left_out['guards for the impossible'] += 1
        return self.children(node, parents)

    def children(self, node, parents):
        span = self.span(node)
        kind = node['kind']
        if kind == 'UnaryExprOrTypeTraitExpr':
            return self.text(*span)
        inner = [n for n in node.get('inner', [])]
        if kind == 'ForStmt':
            step = inner[3]
            if step.get('kind'):
                self.left_out['steps of a loop'] += 1
        parts = []
        seen = set()
        for i, child in enumerate(inner):
            if not child.get('kind'):
                continue
            s = self.span(child)
            if s is None or not (span[0] <= s[0] and s[1] <= span[1]) or s in seen:
                continue
            if kind == 'ForStmt' and i == 3 or kind == 'CaseStmt' and i == 0:
                continue
            if child['kind'] == 'VarDecl' and child.get('storageClass') == 'static':
                continue
            seen.add(s)
            parts.append((s, child))
        parts.sort(key=lambda p: (p[0][0], -p[0][1]))
        out = []
        at = span[0]
        for s, child in parts:
            if s[0] < at:
                continue
            out.append(self.text(at, s[0]))
            # a choice is no lvalue: what is written to, or whose address is taken, stands as it is
            if self.is_written(node, child):
                out.append(self.written(child, parents + [node]))
            else:
                out.append(self.statement(node, child, parents))
            at = self.extent[1] if self.extent else s[1]
            self.extent = None
        out.append(self.text(at, span[1]))
        return ''.join(out)

    extent = None

    def is_written(self, node, child):
        if node['kind'] in ('BinaryOperator', 'CompoundAssignOperator'):
            return (node.get('opcode') == '=' or node['kind'] == 'CompoundAssignOperator') and child is self.inner(node)[0]
        return node['kind'] == 'UnaryOperator' and node['opcode'] in ('++', '--', '&')

    def written(self, node, parents):
        """An lvalue: only what picks its element may change."""
        if node['kind'] == 'ArraySubscriptExpr' and len(self.inner(node)) == 2:
            base, index = self.inner(node)
            bs, s = self.span(base), self.span(index)
            span = self.span(node)
            return self.written(base, parents + [node]) + self.text(bs[1], s[0]) + self.render(index, parents + [node]) + self.text(s[1], span[1])
        if node['kind'] in ('MemberExpr', 'ParenExpr', 'ImplicitCastExpr') and len(self.inner(node)) == 1:
            child = self.inner(node)[0]
            s, span = self.span(child), self.span(node)
            return self.text(span[0], s[0]) + self.written(child, parents + [node]) + self.text(s[1], span[1])
        return self.text(*self.span(node))

    def statement(self, node, child, parents):
        """A statement of a block may also be left out altogether."""
        kind = child['kind']
        body = self.render(child, parents + [node])
        if node['kind'] not in ('CompoundStmt', 'CaseStmt', 'DefaultStmt'):
            return body
        s = self.span(child)
        if self.off_limits(s):
            return body
        deletable = (kind in ('CallExpr', 'CompoundAssignOperator') or
                     kind == 'BinaryOperator' and child['opcode'] == '=' or
                     kind == 'UnaryOperator' and child['opcode'] in ('++', '--') or
                     kind == 'ContinueStmt' or
                     kind == 'BreakStmt' and not self.in_switch(parents + [node]) or
                     kind == 'ReturnStmt' and self.may_drop_return(child, parents + [node]))
        if not deletable:
            return body
        end = self.bytes.index(b';', s[1]) + 1
        text = self.text(s[0], end)
        number = self.add(s, 'left out', text, '(left out)')
        place = self.place
        self.place += 1
        self.extent = (s[0], end)
        return f'{{ LW__AT({place}); if (lw__mutant != {number}) {{ {body}; }} }}'

    def in_switch(self, parents):
        loop = next((p['kind'] for p in reversed(parents) if p['kind'] in ('SwitchStmt', 'ForStmt', 'WhileStmt', 'DoStmt')), None)
        return loop == 'SwitchStmt'

    def may_drop_return(self, node, parents):
        """An early return: there is something after it. The last way out of a function that answers must stay."""
        if node['id'] == self.last:
            return False
        return any(p['kind'] in ('IfStmt', 'ForStmt', 'WhileStmt') for p in parents)

    # ---- names that outlive line numbers ----

    def name_all(self):
        counts = {}
        for m in self.mutants:
            words = (m['function'], m['from'], m['to'])
            counts[words] = counts.get(words, 0) + 1
            m['which'] = counts[words]


def switch_header():
    return ('#ifndef LW_MUTATE_SWITCH_H\n#define LW_MUTATE_SWITCH_H\n'
            'extern int lw__mutant;\nextern unsigned char *lw__seen;\n'
            '#define LW__AT(place) ((void)(lw__seen[place] = 1))\n#endif\n')
