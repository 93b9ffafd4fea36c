/*
 * protocol_errors_test.c: what a mistake in a protocol is answered with.
 *
 * Each row changes one thing of a protocol that is right, and says what must come back: exactly one error, where it is,
 * what was expected there and what to do. A hint that ends in * is compared up to there, because it lists vocabulary.
 */
#include "protocol_sample.h"

#define HEAD "exercise x \"X\"\n"
#define EXERCISE                     \
    HEAD "  role hip   each side\n"  \
         "  hip flexion 0..40 deg\n" \
         "  tissue load tension 1 BW, compression 0 BW\n"
#define NO_NEIGHBOURS "  easier end   harder end\n"
#define RULE          "rule X \"X\"\n"
#define GRADE         "  D [D]\n"
#define PAIN_GREEN    "set pain_green_at_most 0 NPRS   [D]"

/* clang-format off */
static const struct {
    const char *find; /* what is replaced; NULL: something is added at the end */
    const char *with;
    int32_t err;
    int32_t line;            /* 1 is the line the change begins on */
    uint32_t column, length; /* 0: the error has no place */
    const char *member, *message, *hint;
} mistakes[] = {
    {NULL, "# \xff""\n", LW_ERR_UTF8, 1, 3, 1, "\xff""",
     "this is not UTF-8 text",
     "save the file as UTF-8"},
    {NULL, "# a\x01""b\n", LW_ERR_SYNTAX, 1, 4, 1, "\x01""",
     "a control character",
     "delete it and write it anew"},
    {NULL, "# \x7f""\n", LW_ERR_SYNTAX, 1, 3, 1, "\x7f""",
     "a control character",
     "delete it and write it anew"},
    {NULL, "a\rb\n", LW_ERR_SYNTAX, 1, 2, 1, "\r",
     "a control character",
     "delete it and write it anew"},
    {NULL, "rul X \"t\"\n", LW_ERR_VALUE, 1, 1, 3, "rul",
     "rul is not the beginning of a block",
     "did you mean rule?"},
    {NULL, "12 x\n", LW_ERR_SYNTAX, 1, 1, 2, "12",
     "expected the beginning of a block, found 12",
     "for example: rule L03 \"…\""},
    {NULL, "“x”\n", LW_ERR_SYNTAX, 1, 1, 3, "“",
     "expected the beginning of a block, found “",
     "write straight quotes: \""},
    {"protocol demo", "  protocol demo", LW_ERR_SYNTAX, 1, 3, 8, "protocol",
     "expected the beginning of a block in the first column, found protocol",
     "take away the blanks before it"},
    {NULL, "protocol again \"x\"\n", LW_ERR_DUPLICATE_MEMBER, 1, 1, 8, "protocol",
     "a second protocol block",
     "a protocol has one"},
    {NULL, "version 1.0.0\n", LW_ERR_DUPLICATE_MEMBER, 1, 1, 7, "version",
     "a second version block",
     "a protocol has one"},
    {NULL, "not for x\n", LW_ERR_DUPLICATE_MEMBER, 1, 1, 3, "not",
     "a second not block",
     "a protocol has one"},
    {"version 1.2.3", "version 1.2", LW_ERR_SYNTAX, 1, 9, 3, "1.2",
     "expected a version of three numbers, found 1.2",
     "for example: version 1.0.0"},
    {"version 1.2.3", "version 1..3", LW_ERR_SYNTAX, 1, 9, 4, "1..3",
     "expected a version of three numbers, found 1..3",
     "for example: version 1.0.0"},
    {"version 1.2.3", "version x", LW_ERR_SYNTAX, 1, 9, 1, "x",
     "expected a version of three numbers, found x",
     "for example: version 1.0.0"},
    {"version 1.2.3", "version 1.2.3.", LW_ERR_SYNTAX, 1, 9, 6, "1.2.3.",
     "expected a version of three numbers, found 1.2.3.",
     "for example: version 1.0.0"},
    {"version 1.2.3", "version 1.2.3 beta", LW_ERR_SYNTAX, 1, 15, 4, "beta",
     "expected the end of the line, found beta",
     "one thing too many, or a comma is missing"},
    {"version 1.2.3", "version 1.2.3\n"
     "  beta", LW_ERR_SYNTAX, 2, 3, 4, "beta",
     "expected nothing more in this block, found beta",
     "a block begins in the first column"},
    {"version 1.2.3", "version 1.2.333333333333333333333333333333", LW_ERR_SYNTAX, 1, 9, 34, "1.2.333333333333333333333333333333",
     "expected a version of three numbers, found 1.2.333333333333333333333333333333",
     "for example: version 1.0.0"},
    {"version 1.2.3", "version 1.x.3", LW_ERR_SYNTAX, 1, 9, 5, "1.x.3",
     "expected a version of three numbers, found 1.x.3",
     "for example: version 1.0.0"},
    {"protocol demo \"A small protocol\"", "protocol \"A small protocol\"", LW_ERR_SYNTAX, 1, 10, 18, "\"A small protocol\"",
     "expected the protocol's id, found \"A small protocol\"",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {"protocol demo \"A small protocol\"", "protocol demo", LW_ERR_SYNTAX, 1, 14, 1, "end of line",
     "expected a text in quotes, found the end of the line",
     "for example: \"Single-leg bridge hold\""},
    {"protocol demo \"A small protocol\"", "protocol demo \"A small", LW_ERR_SYNTAX, 1, 15, 8, "\"A small",
     "this text is not closed on its line",
     "end it with a quote: \""},
    {"protocol demo \"A small protocol\"", "protocol demo \"\"", LW_ERR_MISSING, 1, 15, 2, "\"\"",
     "this text is empty",
     "write what it is, in a few words"},
    {"protocol demo", "protocol dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", LW_ERR_LIMIT, 1, 10, 64, "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
     "an id has at most 63 characters",
     "choose a shorter one"},
    {"not for suspected", "not suspected", LW_ERR_SYNTAX, 1, 5, 14, "suspected-tear",
     "expected 'for', found suspected-tear",
     "write: not for suspected-tear, under-18"},
    {"not for suspected-tear, under-18", "not for suspected-tear, 18", LW_ERR_SYNTAX, 1, 25, 2, "18",
     "expected what the protocol is not for, found 18",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {"not for suspected-tear, under-18", "not for suspected-tear,", LW_ERR_SYNTAX, 1, 24, 1, "end of line",
     "expected what the protocol is not for, found the end of the line",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {"protocol demo \"A small protocol\"\n", "", LW_ERR_MISSING, 0, 0, 0, "",
     "the protocol has no name",
     "begin with: protocol pht \"What it is for\""},
    {"version 1.2.3\n", "", LW_ERR_MISSING, 0, 0, 0, "",
     "the protocol has no version",
     "write: version 1.0.0"},
    {PAIN_GREEN, "set pain gren at most 3 NPRS   [D]", LW_ERR_VALUE, 1, 5, 17, "pain gren at most",
     "pain gren at most is not a number that a protocol sets",
     "did you mean pain green at most?"},
    {PAIN_GREEN, "set 3 NPRS [D]", LW_ERR_SYNTAX, 1, 5, 1, "3",
     "expected the name of a number, found 3",
     "for example: set pain green at most 3 NPRS   [V2] S08"},
    {PAIN_GREEN, "set", LW_ERR_SYNTAX, 1, 4, 1, "end of line",
     "expected the name of a number, found the end of the line",
     "for example: set pain green at most 3 NPRS   [V2] S08"},
    {PAIN_GREEN, "set zzz qqq 3 NPRS", LW_ERR_VALUE, 1, 5, 7, "zzz qqq",
     "zzz qqq is not a number that a protocol sets",
     "one of: *"},
    {PAIN_GREEN, "set pain green at most NPRS [D]", LW_ERR_SYNTAX, 1, 24, 4, "NPRS",
     "expected a number and NPRS, found NPRS",
     "pain green at most is counted in NPRS"},
    {PAIN_GREEN, "set pain green at most 3   [D]", LW_ERR_TYPE, 1, 24, 1, "3",
     "pain green at most is counted in NPRS; the number stands without a unit",
     "write: 3 NPRS"},
    {PAIN_GREEN, "set pain green at most 3 %   [D]", LW_ERR_TYPE, 1, 26, 1, "%",
     "pain green at most is counted in NPRS, not in %",
     "put the number in NPRS here"},
    {PAIN_GREEN, "set pain green at most 3 days   [D]", LW_ERR_TYPE, 1, 26, 4, "days",
     "pain green at most is counted in NPRS, not in days",
     "put the number in NPRS here"},
    {PAIN_GREEN, "set pain green at most 9 NPRS   [D]", LW_ERR_RANGE, 1, 24, 1, "9",
     "pain green at most is from 0 to 4",
     "check the number and its unit"},
    {PAIN_GREEN, "set pain green at most 3.125 NPRS   [D]", LW_ERR_NUMBER, 1, 24, 5, "3.125",
     "pain green at most has at most two decimals, not 3.125",
     "round it to the careful side"},
    {PAIN_GREEN, "set pain green at most 3.1256 NPRS   [D]", LW_ERR_NUMBER, 1, 24, 6, "3.1256",
     "3.1256 has too many digits",
     "a number has at most six digits and two decimals"},
    {PAIN_GREEN, "set pain green at most 1234567 NPRS [D]", LW_ERR_NUMBER, 1, 24, 7, "1234567",
     "1234567 has too many digits",
     "a number has at most six digits and two decimals"},
    {PAIN_GREEN, "set pain green at most 3 NPRS", LW_ERR_SYNTAX, 1, 30, 1, "end of line",
     "expected a confidence tag, found the end of the line",
     "say where it comes from: [V2] S08, or [D] for a default"},
    {PAIN_GREEN, "set pain green at most 3 NPRS   [X]", LW_ERR_SYNTAX, 1, 34, 1, "X",
     "expected a confidence tag, found X",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {PAIN_GREEN, "set pain green at most 3 NPRS   [D", LW_ERR_SYNTAX, 1, 35, 1, "end of line",
     "expected ], found the end of the line",
     "for example: [V2] S08, S53"},
    {PAIN_GREEN, "set pain green at most 3 NPRS   [D] S01,", LW_ERR_SYNTAX, 1, 41, 1, "end of line",
     "expected the key of a source, found the end of the line",
     "a list of sources ends without a comma"},
    {PAIN_GREEN, "set pain green at most 3 NPRS   [D] S01, 5", LW_ERR_SYNTAX, 1, 42, 1, "5",
     "expected the key of a source, found 5",
     "a list of sources ends without a comma"},
    {PAIN_GREEN, "set pain green at most 2,5 NPRS   [D]", LW_ERR_NUMBER, 1, 25, 1, ",",
     "a number has a decimal point, not a comma",
     "write 2.5 NPRS"},
    {PAIN_GREEN, "set pain green at most three NPRS   [D]", LW_ERR_SYNTAX, 1, 24, 5, "three",
     "expected a number and NPRS, found three",
     "pain green at most is counted in NPRS"},
    {PAIN_GREEN, "set pain_green_at_most 0 NPRS   [D]\n"
     "set pain_green_at_most 0 NPRS   [D]", LW_ERR_DUPLICATE_MEMBER, 2, 5, 18, "pain_green_at_most",
     "pain_green_at_most is set twice",
     "it was set on line 4; leave one out"},
    {PAIN_GREEN, "set pain green at most 3 NPRS   [D] S01 5", LW_ERR_SYNTAX, 1, 41, 1, "5",
     "expected the end of the line, found 5",
     "one thing too many, or a comma is missing"},
    {PAIN_GREEN, "", LW_ERR_MISSING, 0, 0, 0, "",
     "pain green at most is not set",
     "write: set pain green at most … NPRS   [D]"},
    {PAIN_GREEN, "set pain green at most ≤ 3 NPRS [D]", LW_ERR_SYNTAX, 1, 24, 3, "≤",
     "expected a number with its unit, found ≤",
     "write: at most"},
    {"set gate_test_valid_for 7 days", "set gate test valid for 7.5 days", LW_ERR_NUMBER, 1, 25, 3, "7.5",
     "gate test valid for is a whole number, not 7.5",
     "round it to the careful side"},
    {"set exercises_a_session_at_most 1    [D]", "set exercises a session at most 1 days   [D]", LW_ERR_TYPE, 1, 35, 4, "days",
     "exercises a session at most is a plain number, without days",
     "leave out days"},
    {"set exercises_a_session_at_most 1 ", "set exercises a session at most x ", LW_ERR_SYNTAX, 1, 33, 1, "x",
     "expected a number, found x",
     "write it after these words"},
    {PAIN_GREEN, "set pain green at most\n"
     "  3 NPRS   [D] S01 hold", LW_ERR_SYNTAX, 2, 20, 4, "hold",
     "expected the end of the line, found hold",
     "one thing too many, or a comma is missing"},
    {NULL, "exercise\n", LW_ERR_SYNTAX, 1, 9, 1, "end of line",
     "expected the exercise's id, found the end of the line",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "exercise \"X\"\n", LW_ERR_SYNTAX, 1, 10, 3, "\"X\"",
     "expected the exercise's id, found \"X\"",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "exercise x\n"
     "  role hip\n", LW_ERR_SYNTAX, 1, 11, 1, "end of line",
     "expected a text in quotes, found the end of the line",
     "for example: \"Single-leg bridge hold\""},
    {NULL, "exercise bridge \"again\"\n", LW_ERR_DUPLICATE_MEMBER, 1, 10, 6, "bridge",
     "bridge stands here twice",
     "give the second one another id"},
    {NULL, HEAD "  rol hip\n", LW_ERR_VALUE, 2, 3, 3, "rol",
     "rol is not a statement of an exercise",
     "did you mean role?"},
    {NULL, HEAD "  role hpi\n", LW_ERR_VALUE, 2, 8, 3, "hpi",
     "hpi is not a role",
     "did you mean hip?"},
    {NULL, HEAD "  role\n"
     "  each side\n", LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected a role, found the end of the line",
     "one of: hip, knee, leg, chain, plyometric, speed"},
    {NULL, HEAD "  role 5\n", LW_ERR_SYNTAX, 2, 8, 1, "5",
     "expected a role, found 5",
     "one of: hip, knee, leg, chain, plyometric, speed"},
    {NULL, HEAD "  each\n", LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected 'side', found the end of the line",
     "write: each side"},
    {NULL, HEAD "  both side\n", LW_ERR_SYNTAX, 2, 8, 4, "side",
     "expected 'sides', found side",
     "write: both sides"},
    {NULL, HEAD "  speed 3\n", LW_ERR_SYNTAX, 2, 9, 1, "3",
     "expected 'ladder', found 3",
     "write: speed ladder"},
    {NULL, HEAD "  needs mtt\n", LW_ERR_VALUE, 2, 9, 3, "mtt",
     "mtt is not equipment",
     "did you mean mat?"},
    {NULL, HEAD "  needs\n", LW_ERR_SYNTAX, 2, 8, 1, "end of line",
     "expected equipment, found the end of the line",
     "for example: needs mat, needs machine or band"},
    {NULL, HEAD "  needs mat and bench or box\n", LW_ERR_SYNTAX, 2, 23, 2, "or",
     "and and or do not mix in one statement",
     "write two: needs bench   needs dumbbell or barbell"},
    {NULL, HEAD "  needs mat or bench\n"
     "  needs box or step\n", LW_ERR_DUPLICATE_MEMBER, 3, 20, 1, "end of line",
     "this exercise already has a choice of equipment",
     "an exercise has one statement with or"},
    {NULL, HEAD "  needs mat and\n", LW_ERR_SYNTAX, 2, 16, 1, "end of line",
     "expected equipment, found the end of the line",
     "for example: needs mat, needs machine or band"},
    {NULL, HEAD "  needs 5\n", LW_ERR_SYNTAX, 2, 9, 1, "5",
     "expected equipment, found 5",
     "for example: needs mat, needs machine or band"},
    {NULL, HEAD "  load brbell\n", LW_ERR_VALUE, 2, 8, 6, "brbell",
     "brbell is not an implement that can carry the load",
     "did you mean barbell?"},
    {NULL, HEAD "  load\n"
     "  heavy\n", LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected an implement, found the end of the line",
     "for example: load barbell"},
    {NULL, HEAD "  load ;\n", LW_ERR_SYNTAX, 2, 8, 1, ";",
     "expected an implement, found ;",
     "for example: load barbell"},
    {NULL, HEAD "  hip 0..10 deg\n", LW_ERR_SYNTAX, 2, 7, 1, "0",
     "expected 'flexion', found 0",
     "a range has two dots: hip flexion 0..10 deg"},
    {NULL, HEAD "  hip flexion 10 deg\n", LW_ERR_SYNTAX, 2, 18, 3, "deg",
     "expected .., found deg",
     "a range has two dots: hip flexion 0..10 deg"},
    {NULL, HEAD "  hip flexion 0–10 deg\n", LW_ERR_SYNTAX, 2, 16, 3, "–",
     "expected .., found –",
     "write a range with two dots: 0..10"},
    {NULL, HEAD "  hip flexion 0..10\n", LW_ERR_TYPE, 2, 18, 2, "10",
     "hip flexion is counted in deg; the number stands without a unit",
     "write: 10 deg"},
    {NULL, HEAD "  hip flexion 0..10 %\n", LW_ERR_TYPE, 2, 21, 1, "%",
     "hip flexion is counted in deg, not in %",
     "put the number in deg here"},
    {NULL, HEAD "  hip flexion 10..0 deg\n", LW_ERR_RANGE, 2, 19, 1, "0",
     "the range ends below its beginning",
     "write the smaller angle first"},
    {NULL, HEAD "  hip flexion 0..300 deg\n", LW_ERR_RANGE, 2, 18, 3, "300",
     "hip flexion is from 0 to 140",
     "check the number and its unit"},
    {NULL, HEAD "  hip flexion x..3 deg\n", LW_ERR_SYNTAX, 2, 15, 1, "x",
     "expected the least hip flexion, found x",
     "a whole number is meant"},
    {NULL, HEAD "  hip flexion 0.5..3 deg\n", LW_ERR_NUMBER, 2, 15, 3, "0.5",
     "the least hip flexion is a whole number, not 0.5",
     "leave out the decimals"},
    {NULL, HEAD "  hip flexion 0.. deg\n", LW_ERR_SYNTAX, 2, 19, 3, "deg",
     "expected a number and deg, found deg",
     "hip flexion is counted in deg"},
    {NULL, HEAD "  knee\n", LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected a number with its unit, found the end of the line",
     "write it after these words"},
    {NULL, HEAD "  knee 300 deg\n", LW_ERR_RANGE, 2, 8, 3, "300",
     "knee is from 0 to 160",
     "check the number and its unit"},
    {NULL, HEAD "  knee 30°\n", LW_ERR_TYPE, 2, 8, 2, "30",
     "knee is counted in deg; the number stands without a unit",
     "write: 30 deg"},
    {NULL, HEAD "  tissue tension 1 BW\n", LW_ERR_SYNTAX, 2, 10, 7, "tension",
     "expected 'load', found tension",
     "write: tissue load tension 1.18 BW, compression 0 BW"},
    {NULL, HEAD "  tissue load compression 1 BW\n", LW_ERR_SYNTAX, 2, 15, 11, "compression",
     "expected 'tension', found compression",
     "write: tissue load tension 1.18 BW, compression 0 BW"},
    {NULL, HEAD "  tissue load tension 1, compression 0 BW\n", LW_ERR_TYPE, 2, 23, 1, "1",
     "tension is counted in BW; the number stands without a unit",
     "write: 1 BW"},
    {NULL, HEAD "  tissue load tension 1 BW\n", LW_ERR_SYNTAX, 2, 27, 1, "end of line",
     "expected 'compression', found the end of the line",
     "write: tissue load tension 1.18 BW, compression 0 BW"},
    {NULL, HEAD "  tissue load tension 1 BW, compression x\n", LW_ERR_SYNTAX, 2, 41, 1, "x",
     "expected a number and BW, found x",
     "compression is counted in BW"},
    {NULL, EXERCISE "  level 1   2 sets, 5 reps\n"
     "  tissue load tension 1 BW, compression 0 BW\n" NO_NEIGHBOURS, LW_ERR_DUPLICATE_MEMBER, 6, 3, 6, "tissue",
     "this exercise says tissue twice",
     "leave one out"},
    {NULL, HEAD "  level 1   2 sets, 5 reps\n"
     "  tissue load tension 1 BW, compression 0 BW\n", LW_ERR_VALUE, 3, 3, 6, "tissue",
     "the tissue load stands before the levels",
     "move it above level 1"},
    {NULL, HEAD "  easier nobody\n", LW_ERR_VALUE, 2, 10, 6, "nobody",
     "nobody is not an exercise of this protocol (or end)",
     "one of: bridge, curl, hop, x"},
    {NULL, HEAD "  easier bridg\n", LW_ERR_VALUE, 2, 10, 5, "bridg",
     "bridg is not an exercise of this protocol (or end)",
     "did you mean bridge?"},
    {NULL, HEAD "  easier\n", LW_ERR_SYNTAX, 2, 9, 1, "end of line",
     "expected an exercise or end, found the end of the line",
     "for example: easier bridge-hold-double   harder end"},
    {NULL, HEAD "  harder 5\n", LW_ERR_SYNTAX, 2, 10, 1, "5",
     "expected an exercise or end, found 5",
     "for example: easier bridge-hold-double   harder end"},
    {NULL, HEAD "  open entry\n", LW_ERR_SYNTAX, 2, 8, 5, "entry",
     "expected 'when', found entry",
     "write: open when entry bridge_single at most 3 NPRS"},
    {NULL, HEAD "  open when nonsense\n", LW_ERR_VALUE, 2, 13, 8, "nonsense",
     "nonsense is not a fact that a condition may ask",
     "one of: *"},
    {NULL, HEAD "  every days\n", LW_ERR_SYNTAX, 2, 9, 4, "days",
     "expected a number and days, found days",
     "the time between sessions is counted in days"},
    {NULL, HEAD "  every other\n", LW_ERR_SYNTAX, 2, 14, 1, "end of line",
     "expected 'day', found the end of the line",
     "write: every other day"},
    {NULL, HEAD "  every 40 days\n", LW_ERR_RANGE, 2, 9, 2, "40",
     "the time between sessions is from 1 to 28",
     "check the number and its unit"},
    {NULL, HEAD "  heavy heavy\n", LW_ERR_DUPLICATE_MEMBER, 2, 9, 5, "heavy",
     "this exercise says heavy twice",
     "leave one out"},
    {NULL, HEAD "  ; heavy\n", LW_ERR_SYNTAX, 2, 3, 1, ";",
     "expected a statement of an exercise, found ;",
     "for example: level 2   hold 30 s"},
    {NULL, HEAD "  every 2 days  [X]\n", LW_ERR_SYNTAX, 2, 17, 1, "[",
     "expected a statement of an exercise, found [",
     "for example: level 2   hold 30 s"},
    {NULL, EXERCISE "  level x   3 sets\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 9, 1, "x",
     "expected the level's number, found x",
     "a whole number is meant"},
    {NULL, EXERCISE "  level 2   3 sets, 5 reps\n" NO_NEIGHBOURS, LW_ERR_VALUE, 5, 9, 1, "2",
     "expected level 1",
     "levels are counted from 1 without gaps"},
    {NULL, EXERCISE "  level 1\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 10, 1, "end of line",
     "expected what this level asks for, found the end of the line",
     "for example: 3 sets, hold 20 s, rest 120 s, 2 times a day"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps, 4 sets\n" NO_NEIGHBOURS, LW_ERR_DUPLICATE_MEMBER, 5, 29, 6, "4 sets",
     "4 sets: this level has such an item already",
     "leave one out"},
    {NULL, EXERCISE "  level 1   3 stes\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 15, 4, "stes",
     "expected sets, reps, contacts or times a day, found stes",
     "a level reads: 3 sets, 12 reps, hold 30 s, load 107 %, depth 45 deg, rest 120 s"},
    {NULL, EXERCISE "  level 1   30 sets\n" NO_NEIGHBOURS, LW_ERR_RANGE, 5, 13, 2, "30",
     "a level has at most 12 sets",
     "check the number"},
    {NULL, EXERCISE "  level 1   3 times\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 20, 1, "end of line",
     "expected 'a', found the end of the line",
     "write: 2 times a day"},
    {NULL, EXERCISE "  level 1   3 times a week\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 23, 4, "week",
     "expected 'day', found week",
     "write: 2 times a day"},
    {NULL, EXERCISE "  level 1   twice day\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 3, "day",
     "expected 'a', found day",
     "write: 2 times a day"},
    {NULL, EXERCISE "  level 1   201 reps\n" NO_NEIGHBOURS, LW_ERR_RANGE, 5, 13, 3, "201",
     "a count is from 1 to 200",
     "choose a number in that range"},
    {NULL, EXERCISE "  level 1   1.5 sets\n" NO_NEIGHBOURS, LW_ERR_NUMBER, 5, 13, 3, "1.5",
     "a count is a whole number, not 1.5",
     "leave out the decimals"},
    {NULL, EXERCISE "  level 1   hold 20\n" NO_NEIGHBOURS, LW_ERR_TYPE, 5, 18, 2, "20",
     "hold is counted in s; the number stands without a unit",
     "write: 20 s"},
    {NULL, EXERCISE "  level 1   hold 20 reps\n" NO_NEIGHBOURS, LW_ERR_TYPE, 5, 21, 4, "reps",
     "hold is counted in s, not in reps",
     "put the number in s here"},
    {NULL, EXERCISE "  level 1   hold s\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 18, 1, "s",
     "expected a number and s, found s",
     "hold is counted in s"},
    {NULL, EXERCISE "  level 1   hold 900 s\n" NO_NEIGHBOURS, LW_ERR_RANGE, 5, 18, 3, "900",
     "hold is from 1 to 120",
     "check the number and its unit"},
    {NULL, EXERCISE "  level 1   tempo 3-0\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 3, "3-0",
     "expected a tempo, found 3-0",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo 3-0-x\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 5, "3-0-x",
     "expected a tempo, found 3-0-x",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo slow\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 4, "slow",
     "expected a tempo, found slow",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 18, 1, "end of line",
     "expected a tempo, found the end of the line",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo 30-0-3\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 6, "30-0-3",
     "expected a tempo, found 30-0-3",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   effort 5 RPE\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 20, 1, "5",
     "expected 'at', found 5",
     "write: effort at most 6 RPE"},
    {NULL, EXERCISE "  level 1   effort at 5 RPE\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 23, 1, "5",
     "expected 'most', found 5",
     "write: effort at most 6 RPE"},
    {NULL, EXERCISE "  level 1   effort at most 50 RPE\n" NO_NEIGHBOURS, LW_ERR_RANGE, 5, 28, 2, "50",
     "effort is from 1 to 10",
     "check the number and its unit"},
    {NULL, EXERCISE "  level 1   5 reps\n" NO_NEIGHBOURS, LW_ERR_MISSING, 5, 3, 7, "level 1",
     "the first level does not say how many sets",
     "for example: level 1   3 sets, hold 20 s"},
    {NULL, EXERCISE "  level 1   3 sets\n" NO_NEIGHBOURS, LW_ERR_MISSING, 5, 3, 7, "level 1",
     "the first level does not say what a set is",
     "add reps, a hold, contacts or a distance"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps, load 100 %\n" NO_NEIGHBOURS, LW_ERR_VALUE, 5, 3, 7, "level 1",
     "a load without an implement",
     "write what carries it: load barbell"},
    {NULL, EXERCISE "  load barbell\n"
     "  level 1   3 sets, 5 reps\n" NO_NEIGHBOURS, LW_ERR_MISSING, 6, 3, 7, "level 1",
     "x names an implement but no load",
     "write load 100 % on level 1: the load first chosen"},
    {NULL, EXERCISE "  load barbell\n"
     "  level 1   3 sets, 5 reps\n"
     "  level 2   load 100 %\n" NO_NEIGHBOURS, LW_ERR_VALUE, 7, 3, 7, "level 2",
     "the first level has no load to be a share of",
     "write load 100 % on level 1"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 2   3 sets\n" NO_NEIGHBOURS, LW_ERR_VALUE, 6, 3, 7, "level 2",
     "nothing rises from the level below",
     "raise one of load, reps, sets, hold, depth, speed, contacts, distance, times a day"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 2   4 sets, 6 reps\n" NO_NEIGHBOURS, LW_ERR_VALUE, 6, 3, 7, "level 2",
     "reps and sets rise at once; exactly one thing may rise",
     "make two levels: first reps, then sets; what does not rise may fall"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 2   twice a day, hold 20 s\n" NO_NEIGHBOURS, LW_ERR_VALUE, 6, 3, 7, "level 2",
     "hold and times a day rise at once; exactly one thing may rise",
     "make two levels: first hold, then times a day; what does not rise may fall"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 3   6 reps\n" NO_NEIGHBOURS, LW_ERR_VALUE, 6, 9, 1, "3",
     "expected level 2",
     "levels are counted from 1 without gaps"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps, depth 50 deg\n" NO_NEIGHBOURS, LW_ERR_RANGE, 5, 3, 7, "level 1",
     "the depth is outside the hip flexion 0..40 deg",
     "a level's depth lies in the exercise's range"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps, depth\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 34, 1, "end of line",
     "expected a number with its unit, found the end of the line",
     "write it after these words"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps  speed\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 34, 1, "end of line",
     "expected a number with its unit, found the end of the line",
     "write it after these words"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps [Z]\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 29, 1, "Z",
     "expected a confidence tag, found Z",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 2   rest 3 h\n" NO_NEIGHBOURS, LW_ERR_TYPE, 6, 20, 1, "h",
     "rest is counted in s, not in h",
     "put the number in s here"},
    {NULL, EXERCISE "  level 1   3 sets, 5 reps\n"
     "  level 2   tension 1.23456 BW\n" NO_NEIGHBOURS, LW_ERR_NUMBER, 6, 21, 7, "1.23456",
     "1.23456 has too many digits",
     "a number has at most six digits and two decimals"},
    {NULL, EXERCISE "  level 1   hold 20 s 30 s\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 26, 1, "s",
     "expected sets, reps, contacts or times a day, found s",
     "a level reads: 3 sets, 12 reps, hold 30 s, load 107 %, depth 45 deg, rest 120 s"},
    {"stage eccentric \"Two\"", "stage ecentric \"Two\"", LW_ERR_VALUE, 1, 7, 8, "ecentric",
     "expected the stage eccentric here",
     "the stages are isometric, eccentric, strength, plyometric, maintenance, in this order"},
    {"stage eccentric \"Two\"", "stage eccentric", LW_ERR_SYNTAX, 1, 16, 1, "end of line",
     "expected a text in quotes, found the end of the line",
     "for example: \"Single-leg bridge hold\""},
    {"stage eccentric \"Two\"", "stage", LW_ERR_SYNTAX, 1, 6, 1, "end of line",
     "expected the stage's id, found the end of the line",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "stage sixth \"Six\"\n", LW_ERR_LIMIT, 1, 7, 5, "sixth",
     "more than 5 of these",
     "a protocol has at most 5"},
    {"  hip flexion at most 90 deg", "  hip flexion 90 deg", LW_ERR_SYNTAX, 1, 15, 2, "90",
     "expected 'at', found 90",
     "write: hip flexion at most 30 deg"},
    {"  hip flexion at most 90 deg", "  hip flexion at most 90 %", LW_ERR_TYPE, 1, 26, 1, "%",
     "hip flexion is counted in deg, not in %",
     "put the number in deg here"},
    {"  hip flexion at most 90 deg", "", LW_ERR_MISSING, 0, 7, 8, "strength",
     "strength has no hip limit",
     "write: hip flexion at most 30 deg"},
    {"  hip flexion at most 90 deg", "  hip flexion at most 90 deg [Z]", LW_ERR_SYNTAX, 1, 31, 1, "Z",
     "expected a confidence tag, found Z",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {"  every 3 days   pick 2", "  pick 2", LW_ERR_MISSING, 0, 7, 11, "maintenance",
     "maintenance does not say how often",
     "write: every 2 days"},
    {"deg   every 3 days", "deg   every 3", LW_ERR_TYPE, 1, 39, 1, "3",
     "the time between sessions is counted in days; the number stands without a unit",
     "write: 3 days"},
    {"pick 2 of bridge, curl", "", LW_ERR_MISSING, 0, 7, 11, "maintenance",
     "maintenance picks no exercise",
     "write: pick 1 of bridge-hold-double"},
    {"pick 2 of bridge, curl", "pick 3 of bridge, curl", LW_ERR_RANGE, 1, 53, 1, "3",
     "picks more exercises than it names",
     "name more, or pick fewer"},
    {"pick 2 of bridge, curl", "pick 2 bridge, curl", LW_ERR_SYNTAX, 1, 55, 6, "bridge",
     "expected 'of', found bridge",
     "write: pick 1 of bridge-hold-double, bridge-hold-single"},
    {"pick 2 of bridge, curl", "pick 2 of bridge, crul", LW_ERR_VALUE, 1, 66, 4, "crul",
     "crul is not an exercise of this protocol",
     "did you mean curl?"},
    {"pick 2 of bridge, curl", "pick 1 of bridge, bridge", LW_ERR_DUPLICATE_MEMBER, 1, 66, 6, "bridge",
     "bridge stands twice in this pick",
     "leave one out"},
    {"pick 2 of bridge, curl", "pick 2 of\n", LW_ERR_SYNTAX, 1, 57, 1, "end of line",
     "expected an exercise, found the end of the line",
     "ids of exercises, the easiest first, parted by commas"},
    {"pick 2 of bridge, curl", "pick 2 of bridge,", LW_ERR_SYNTAX, 1, 65, 1, "end of line",
     "expected an exercise, found the end of the line",
     "ids of exercises, the easiest first, parted by commas"},
    {"pick 2 of bridge, curl", "pick 2 of bridge, 5", LW_ERR_SYNTAX, 1, 66, 1, "5",
     "expected an exercise, found 5",
     "ids of exercises, the easiest first, parted by commas"},
    {"pick 2 of bridge, curl", "pick of bridge", LW_ERR_SYNTAX, 1, 53, 2, "of",
     "expected the number to pick, found of",
     "a whole number is meant"},
    {"pick 2 of bridge, curl", "pik 2 of bridge, curl", LW_ERR_VALUE, 1, 48, 3, "pik",
     "pik is not a statement of a stage",
     "did you mean pick?"},
    {"pick 2 of bridge, curl", "5", LW_ERR_SYNTAX, 1, 48, 1, "5",
     "expected a statement of a stage, found 5",
     "for example: pick 1 of bridge-hold-double"},
    {"  every 3 days   pick 2", "  every 3 days   every 2 days   pick 2", LW_ERR_DUPLICATE_MEMBER, 1, 48, 5, "every",
     "this stage says every twice",
     "leave one out"},
    {"pick 2 of bridge, curl", "pick 1 of curl   pick 1 of curl   pick 1 of curl   pick 1 of curl   pick 1 of curl   pick 1 of curl   pick 1 of curl", LW_ERR_LIMIT, 1, 155, 1, "1",
     "more than 6 picks in a stage",
     "a stage has at most 6"},
    {"stage maintenance \"Five\"\n"
     "  hip flexion at most 120 deg   every 3 days   pick 2 of bridge, curl\n", "", LW_ERR_MISSING, 0, 0, 0, "",
     "the stage maintenance is missing",
     "write: stage maintenance \"…\""},
    {"run level 2   run 20 min", "run lvl 2   run 20 min", LW_ERR_SYNTAX, 1, 5, 3, "lvl",
     "expected 'level', found lvl",
     "write: run level 1   walk 4 min, run 1 min, 5 times"},
    {"run level 2   run 20 min", "run level x", LW_ERR_SYNTAX, 1, 11, 1, "x",
     "expected the level's number, found x",
     "a whole number is meant"},
    {"run level 2   run 20 min", "run level 3   run 20 min", LW_ERR_VALUE, 1, 11, 1, "3",
     "expected run level 2",
     "levels are counted from 1 without gaps"},
    {"run level 2   run 20 min", "run level 2   jog 20 min", LW_ERR_SYNTAX, 1, 15, 3, "jog",
     "expected 'run', found jog",
     "write: run level 1   walk 4 min, run 1 min, 5 times"},
    {"run level 2   run 20 min", "run level 2   run 20", LW_ERR_TYPE, 1, 19, 2, "20",
     "running is counted in min; the number stands without a unit",
     "write: 20 min"},
    {"run level 2   run 20 min", "run level 2   walk 20, run 3 min", LW_ERR_TYPE, 1, 20, 2, "20",
     "walking is counted in min; the number stands without a unit",
     "write: 20 min"},
    {"run level 2   run 20 min", "run level 2   run 20 min, x times", LW_ERR_SYNTAX, 1, 27, 1, "x",
     "expected how many times, found x",
     "a whole number is meant"},
    {"run level 2   run 20 min", "run level 2   run 20 min, 3", LW_ERR_SYNTAX, 1, 28, 1, "end of line",
     "expected 'times', found the end of the line",
     "write: run level 1   walk 4 min, run 1 min, 5 times"},
    {"run level 2   run 20 min", "run level 2   run 20 min\n"
     "run level 3   run 20 min\n"
     "run level 4   run 20 min\n"
     "run level 5   run 20 min\n"
     "run level 6   run 20 min\n"
     "run level 7   run 20 min\n"
     "run level 8   run 20 min\n"
     "run level 9   run 20 min\n"
     "run level 10   run 20 min\n"
     "run level 11   run 20 min\n"
     "run level 12   run 20 min\n"
     "run level 13   run 20 min\n"
     "run level 14   run 20 min\n"
     "run level 15   run 20 min\n"
     "run level 16   run 20 min\n"
     "run level 17   run 20 min", LW_ERR_LIMIT, 16, 11, 2, "17",
     "more than 16 run levels",
     "a protocol has at most 16"},
    {"run level 2   run 20 min", "run level 2   run 20 min  [Q]", LW_ERR_SYNTAX, 1, 28, 1, "Q",
     "expected a confidence tag, found Q",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {"outcome tests at", "outcome tets at", LW_ERR_VALUE, 1, 9, 4, "tets",
     "tets is not an instrument",
     "did you mean tests?"},
    {"outcome tests at", "outcome visa_h at", LW_ERR_DUPLICATE_MEMBER, 1, 9, 6, "visa_h",
     "visa_h is measured by two blocks",
     "put all weeks into one"},
    {"outcome tests at", "outcome 5 at", LW_ERR_SYNTAX, 1, 9, 1, "5",
     "expected an instrument, found 5",
     "write: outcome visa_h at weeks 4, 8, 12, 26, 52"},
    {"outcome tests at weeks 2", "outcome", LW_ERR_SYNTAX, 1, 8, 1, "end of line",
     "expected an instrument, found the end of the line",
     "write: outcome visa_h at weeks 4, 8, 12, 26, 52"},
    {"outcome tests at", "outcome tests in", LW_ERR_SYNTAX, 1, 15, 2, "in",
     "expected 'at', found in",
     "write: outcome visa_h at weeks 4, 8, 12, 26, 52"},
    {"outcome tests at weeks 2", "outcome tests at 2", LW_ERR_SYNTAX, 1, 18, 1, "2",
     "expected 'weeks', found 2",
     "write: outcome visa_h at weeks 4, 8, 12, 26, 52"},
    {"outcome tests at weeks 2", "outcome tests at weeks", LW_ERR_SYNTAX, 1, 23, 1, "end of line",
     "expected a week, found the end of the line",
     "a whole number is meant"},
    {"outcome tests at weeks 2", "outcome tests at weeks 4, 2", LW_ERR_VALUE, 1, 27, 1, "2",
     "the weeks do not rise",
     "write them in their order: 4, 8, 12"},
    {"outcome tests at weeks 2", "outcome tests at weeks 1,2,3,4,5,6,7,8,9,10,11,12,13", LW_ERR_LIMIT, 1, 51, 2, "13",
     "more than 12 weeks",
     "write them in their order: 4, 8, 12"},
    {"outcome tests at weeks 2", "outcome tests at weeks 2 [Q]", LW_ERR_SYNTAX, 1, 27, 1, "Q",
     "expected a confidence tag, found Q",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {NULL, "text H-1 \"again\" [D]\n", LW_ERR_DUPLICATE_MEMBER, 1, 6, 3, "H-1",
     "H-1 stands here twice",
     "give the second one another id"},
    {NULL, "text \"x\" [D]\n", LW_ERR_SYNTAX, 1, 6, 3, "\"x\"",
     "expected the text's id, found \"x\"",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "text H-2 [D]\n", LW_ERR_SYNTAX, 1, 10, 1, "[",
     "expected a text in quotes, found [",
     "for example: \"Single-leg bridge hold\""},
    {NULL, "text H-2 \"x\"\n", LW_ERR_SYNTAX, 1, 13, 1, "end of line",
     "expected a confidence tag, found the end of the line",
     "say where it comes from: [V] S01, S03"},
    {NULL, "text H-2 \"x\" [Q]\n", LW_ERR_SYNTAX, 1, 15, 1, "Q",
     "expected a confidence tag, found Q",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
    {NULL, "text H-2 \"x\" [D]\n"
     "text H-3 \"x\" [D]\n"
     "text H-4 \"x\" [D]\n"
     "text H-5 \"x\" [D]\n"
     "text H-6 \"x\" [D]\n"
     "text H-7 \"x\" [D]\n"
     "text H-8 \"x\" [D]\n"
     "text H-9 \"x\" [D]\n"
     "text H-10 \"x\" [D]\n"
     "text H-11 \"x\" [D]\n"
     "text H-12 \"x\" [D]\n"
     "text H-13 \"x\" [D]\n"
     "text H-14 \"x\" [D]\n"
     "text H-15 \"x\" [D]\n"
     "text H-16 \"x\" [D]\n"
     "text H-17 \"x\" [D]\n", LW_ERR_LIMIT, 16, 6, 4, "H-17",
     "more than 16 texts",
     "a protocol has at most 16"},
    {NULL, "source S01 \"again\"\n", LW_ERR_DUPLICATE_MEMBER, 1, 8, 3, "S01",
     "source S01 stands here twice",
     "give the second one another key"},
    {NULL, "source \"x\"\n", LW_ERR_SYNTAX, 1, 8, 3, "\"x\"",
     "expected the source's key, found \"x\"",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "source S03\n", LW_ERR_SYNTAX, 1, 11, 1, "end of line",
     "expected a text in quotes, found the end of the line",
     "for example: \"Single-leg bridge hold\""},
    {NULL, "source S03 \"x\" [D]\n", LW_ERR_SYNTAX, 1, 16, 1, "[",
     "expected the end of the line, found [",
     "one thing too many, or a comma is missing"},
    {NULL, "rule\n"
     "  hold\n"
     "  D [D]\n", LW_ERR_SYNTAX, 1, 5, 1, "end of line",
     "expected the rule's id, found the end of the line",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, "rule X\n"
     "  hold\n"
     "  D [D]\n", LW_ERR_SYNTAX, 1, 7, 1, "end of line",
     "expected a text in quotes, found the end of the line",
     "for example: \"Single-leg bridge hold\""},
    {NULL, "rule X \"X\"\n"
     "  D [D]\n", LW_ERR_MISSING, 1, 6, 1, "X",
     "rule X does nothing",
     "add an action, for example: hold"},
    {NULL, "rule X \"X\"\n"
     "  hold\n", LW_ERR_MISSING, 1, 6, 1, "X",
     "rule X has no grade and tag",
     "for example: C [V2] S08, or: D [D]"},
    {NULL, RULE "  hold\n"
     "  raise\n" GRADE, LW_ERR_DUPLICATE_MEMBER, 3, 3, 5, "raise",
     "this rule says raise twice",
     "a rule does one thing; write a second rule with the same id"},
    {NULL, RULE "  hold\n"
     "  until a\n"
     "  until b\n" GRADE, LW_ERR_DUPLICATE_MEMBER, 4, 3, 5, "until",
     "this rule says until twice",
     "leave one out"},
    {NULL, RULE "  when settled\n"
     "  when pregnant\n"
     "  hold\n" GRADE, LW_ERR_DUPLICATE_MEMBER, 3, 3, 4, "when",
     "this rule says when twice",
     "join conditions by and"},
    {NULL, RULE "  hold\n"
     "  D [D]\n" GRADE, LW_ERR_DUPLICATE_MEMBER, 4, 3, 1, "D",
     "this rule says D twice",
     "a rule has one grade"},
    {NULL, RULE "  hodl\n" GRADE, LW_ERR_VALUE, 2, 3, 4, "hodl",
     "hodl is not an action",
     "did you mean hold?"},
    {NULL, RULE "  and settled\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 3, 3, "and",
     "expected when, an action, until or a grade, found and",
     "conditions begin with when; and joins two of them"},
    {NULL, RULE "  when settled hold on\n" GRADE, LW_ERR_VALUE, 2, 21, 2, "on",
     "on is not an action",
     "one of: *"},
    {NULL, RULE "  when settled pregnant\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 16, 8, "pregnant",
     "expected and, or the action on its own line, found pregnant",
     "conditions are joined by and; alternatives stand in any of (c; c)"},
    {NULL, RULE "  hold\n"
     "  [D] S01\n" GRADE, LW_ERR_SYNTAX, 3, 3, 1, "[",
     "expected a grade before the tag, found [",
     "A, B, C, S (safety) or D (default): C [V2] S08, S53"},
    {NULL, "rule X \"X\"\n"
     "  hold\n"
     "  D\n", LW_ERR_SYNTAX, 3, 4, 1, "end of line",
     "expected a confidence tag, found the end of the line",
     "after the grade stand tag and sources: C [V2] S08, S53"},
    {NULL, "rule X \"X\"\n"
     "  hold\n"
     "  D S01\n", LW_ERR_SYNTAX, 3, 5, 3, "S01",
     "expected a confidence tag, found S01",
     "after the grade stand tag and sources: C [V2] S08, S53"},
    {NULL, RULE "  5\n" GRADE, LW_ERR_SYNTAX, 2, 3, 1, "5",
     "expected when, an action, until or a grade, found 5",
     "for example: hold"},
    {NULL, RULE "  enter isometrics\n" GRADE, LW_ERR_VALUE, 2, 9, 10, "isometrics",
     "isometrics is not a stage",
     "did you mean isometric?"},
    {NULL, RULE "  enter\n" GRADE, LW_ERR_SYNTAX, 2, 8, 1, "end of line",
     "expected a stage, found the end of the line",
     "one of: isometric, eccentric, strength, plyometric, maintenance"},
    {NULL, RULE "  enter 5\n" GRADE, LW_ERR_SYNTAX, 2, 9, 1, "5",
     "expected a stage, found 5",
     "one of: isometric, eccentric, strength, plyometric, maintenance"},
    {NULL, RULE "  review soon\n" GRADE, LW_ERR_VALUE, 2, 10, 4, "soon",
     "soon is not an urgency",
     "one of: routine, urgent"},
    {NULL, RULE "  flare huge\n" GRADE, LW_ERR_VALUE, 2, 9, 4, "huge",
     "huge is not a kind of flare",
     "one of: minor, major"},
    {NULL, RULE "  flare\n" GRADE, LW_ERR_SYNTAX, 2, 8, 1, "end of line",
     "expected a kind of flare, found the end of the line",
     "one of: minor, major"},
    {NULL, RULE "  irritability hih\n" GRADE, LW_ERR_VALUE, 2, 16, 3, "hih",
     "hih is not an irritability",
     "did you mean high?"},
    {NULL, RULE "  de-load 7\n" GRADE, LW_ERR_TYPE, 2, 11, 1, "7",
     "the de-load is counted in days; the number stands without a unit",
     "write: 7 days"},
    {NULL, RULE "  de-load\n" GRADE, LW_ERR_SYNTAX, 2, 10, 1, "end of line",
     "expected a number with its unit, found the end of the line",
     "write it after these words"},
    {NULL, RULE "  label sure\n" GRADE, LW_ERR_VALUE, 2, 9, 4, "sure",
     "sure is not a label",
     "one of: likely, possible"},
    {NULL, RULE "  cap stepp\n" GRADE, LW_ERR_VALUE, 2, 7, 5, "stepp",
     "stepp is not a ceiling",
     "did you mean step?"},
    {NULL, RULE "  cap\n" GRADE, LW_ERR_SYNTAX, 2, 6, 1, "end of line",
     "expected a ceiling, found the end of the line",
     "one of: *"},
    {NULL, RULE "  shockwave maybe\n" GRADE, LW_ERR_VALUE, 2, 13, 5, "maybe",
     "maybe is not a word of shockwave",
     "one of: forbid, clinician, close, postpone, wait, offer"},
    {NULL, RULE "  advise\n" GRADE, LW_ERR_SYNTAX, 2, 9, 1, "end of line",
     "expected an id, found the end of the line",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, RULE "  advise one, 5\n" GRADE, LW_ERR_SYNTAX, 2, 15, 1, "5",
     "expected an id, found 5",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, RULE "  leave out hopp\n" GRADE, LW_ERR_VALUE, 2, 13, 4, "hopp",
     "hopp is not an exercise of this protocol",
     "did you mean hop?"},
    {NULL, RULE "  advise xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" GRADE, LW_ERR_LIMIT, 2, 10, 64, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "an id has at most 63 characters",
     "choose a shorter one"},
    {NULL, RULE "  hold\n"
     "  until 5\n" GRADE, LW_ERR_SYNTAX, 3, 9, 1, "5",
     "expected the id of a sentence, found 5",
     "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single"},
    {NULL, RULE "  hold\n"
     "  until x days\n" GRADE, LW_ERR_VALUE, 3, 11, 4, "days",
     "days is not an action",
     "one of: *"},
    {NULL, RULE "  hold\n"
     "  until x days %\n" GRADE, LW_ERR_SYNTAX, 3, 16, 1, "%",
     "expected a value, found %",
     "names and values take turns: until calm-test days 3, pain 3"},
    {NULL, RULE "  hold\n"
     "  until x days 3,\n" GRADE, LW_ERR_SYNTAX, 4, 5, 1, "[",
     "expected a value, found [",
     "names and values take turns: until calm-test days 3, pain 3"},
    {NULL, RULE "  hold\n"
     "  until x days 3333333333333333333333333333333333333333333333333333333333333333333333\n" GRADE, LW_ERR_LIMIT, 3, 16, 70, "333333333333333333333333333333333333333333333333333333333333333",
     "an id has at most 63 characters",
     "choose a shorter one"},
    {NULL, RULE "  deload 7 days\n" GRADE, LW_ERR_VALUE, 2, 3, 6, "deload",
     "deload is not an action",
     "did you mean de-load?"},
    {NULL, RULE "  hold the stage\n" GRADE, LW_ERR_VALUE, 2, 8, 3, "the",
     "the is not an action",
     "one of: *"},
    {NULL, RULE "  open run\n" GRADE, LW_ERR_VALUE, 2, 3, 4, "open",
     "open is not an action",
     "perhaps open running, open hills and speed?"},
    {NULL, RULE "  when sesion pain above 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 8, 11, "sesion pain",
     "sesion pain is not a fact that a condition may ask",
     "did you mean session pain?"},
    {NULL, RULE "  when pain in session above 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 8, 15, "pain in session",
     "pain in session is not a fact that a condition may ask",
     "perhaps session pain?"},
    {NULL, RULE "  when qqq above 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 8, 3, "qqq",
     "qqq is not a fact that a condition may ask",
     "one of: *"},
    {NULL, RULE "  when above 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 8, 5, "above",
     "expected a condition, found above",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when \n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected a condition, found the end of the line",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when 5\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 8, 1, "5",
     "expected a condition, found 5",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when session pain above 5\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 27, 1, "5",
     "session pain is counted in NPRS; the number stands without a unit",
     "write: 5 NPRS"},
    {NULL, RULE "  when session pain above 5 %\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 29, 1, "%",
     "session pain is counted in NPRS, not in %",
     "put the number in NPRS here"},
    {NULL, RULE "  when session pain above NPRS\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 27, 4, "NPRS",
     "expected a number and NPRS, found NPRS",
     "session pain is counted in NPRS"},
    {NULL, RULE "  when session pain above 50 NPRS\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 27, 2, "50",
     "session pain is from 0 to 10",
     "check the number and its unit"},
    {NULL, RULE "  when session pain 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 21, 1, "5",
     "expected a comparison, found 5",
     "compare by: at most 3 NPRS, at least, above, below, is, known, unknown"},
    {NULL, RULE "  when session pain > 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 21, 1, ">",
     "expected a comparison, found >",
     "write: above"},
    {NULL, RULE "  when session pain at 5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 24, 1, "5",
     "expected 'least', found 5",
     "write: at most, or: at least"},
    {NULL, RULE "  when session pain at\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 23, 1, "end of line",
     "expected 'least', found the end of the line",
     "write: at most, or: at least"},
    {NULL, RULE "  when sore sides at least 2 days\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 30, 4, "days",
     "sore sides is a plain number, without days",
     "leave out days"},
    {NULL, RULE "  when adherence below 50\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 24, 2, "50",
     "adherence is counted in %; the number stands without a unit",
     "write: 50 %"},
    {NULL, RULE "  when adherence below 50 NPRS\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 27, 4, "NPRS",
     "adherence is counted in %, not in NPRS",
     "put the number in % here"},
    {NULL, RULE "  when unsettled mornings at least 1.5 days\n"
     "  hold\n" GRADE, LW_ERR_NUMBER, 2, 36, 3, "1.5",
     "unsettled mornings is a whole number, not 1.5",
     "round it to the careful side"},
    {NULL, RULE "  when settled at least 3 days\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 16, 2, "at",
     "settled is yes or no, not a number",
     "write: settled, or: not settled"},
    {NULL, RULE "  when settled is maybe\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 19, 5, "maybe",
     "expected yes or no, found maybe",
     "or leave it out: settled, not settled"},
    {NULL, RULE "  when not stage is strength\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 12, 5, "stage",
     "not goes only with a fact that is yes or no",
     "turn the comparison round: is not WORD, below instead of at least"},
    {NULL, RULE "  when not\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 11, 1, "end of line",
     "expected a condition, found the end of the line",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when stage at least strength\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 14, 2, "at",
     "stage has words, not numbers",
     "compare words by: is WORD, is not WORD, known, unknown"},
    {NULL, RULE "  when stage is isometrics\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 17, 10, "isometrics",
     "isometrics is not a word of stage",
     "did you mean isometric?"},
    {NULL, RULE "  when stage is\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 16, 1, "end of line",
     "expected a word, found the end of the line",
     "a fact of words is compared by: is WORD, is not WORD"},
    {NULL, RULE "  when stage is not\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 20, 1, "end of line",
     "expected a word, found the end of the line",
     "a fact of words is compared by: is WORD, is not WORD"},
    {NULL, RULE "  when stage is 5\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 17, 1, "5",
     "expected a word, found 5",
     "a fact of words is compared by: is WORD, is not WORD"},
    {NULL, RULE "  when stage strength\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 14, 8, "strength",
     "expected a comparison, found strength",
     "compare words by: is WORD, is not WORD, known, unknown"},
    {NULL, RULE "  when stage above 3\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 14, 5, "above",
     "stage has words, not numbers",
     "compare words by: is WORD, is not WORD, known, unknown"},
    {NULL, RULE "  when test rld at most 3 NPRS\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 13, 3, "rld",
     "rld is not a test of the record",
     "did you mean rdl?"},
    {NULL, RULE "  when test\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 12, 1, "end of line",
     "expected a test, found the end of the line",
     "for example: test rdl at most 3 NPRS"},
    {NULL, RULE "  when test 5\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 13, 1, "5",
     "expected a test, found 5",
     "for example: test rdl at most 3 NPRS"},
    {NULL, RULE "  when test rdl positive\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 17, 8, "positive",
     "test rdl is not a test that is positive or negative",
     "it is a pain: write at least 2 NPRS"},
    {NULL, RULE "  when session pain positive\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 21, 8, "positive",
     "session pain is not a test that is positive or negative",
     "it is a pain: write at least 2 NPRS"},
    {NULL, RULE "  when stage negative\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 14, 8, "negative",
     "stage is not a test that is positive or negative",
     "compare it as what it is"},
    {NULL, RULE "  when test long_stride at most 3 NPRS\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 25, 2, "at",
     "test long_stride has words, not numbers",
     "compare words by: is WORD, is not WORD, known, unknown"},
    {NULL, RULE "  when test long_stride is maybe\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 28, 5, "maybe",
     "maybe is not a word of test long_stride",
     "one of: negative, positive"},
    {NULL, RULE "  when test rdl at most 3\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 25, 1, "3",
     "test rdl is counted in NPRS; the number stands without a unit",
     "write: 3 NPRS"},
    {NULL, RULE "  when settled on 3 days\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 21, 4, "days",
     "expected 'of', found days",
     "write: on 3 of 7 days"},
    {NULL, RULE "  when settled on 3 of 7\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 24, 1, "7",
     "the window is counted in days; the number stands without a unit",
     "write: 7 days"},
    {NULL, RULE "  when settled on 8 of 7 days\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 19, 1, "8",
     "more days than the window has",
     "write the smaller number first: on 3 of 7 days"},
    {NULL, RULE "  when settled on 3 of 70 days\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 24, 2, "70",
     "the window is from 1 to 63",
     "check the number and its unit"},
    {NULL, RULE "  when settled on x of 7 days\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 19, 1, "x",
     "expected the number of days, found x",
     "a whole number is meant"},
    {NULL, RULE "  when settled on 0 of 7 days\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 19, 1, "0",
     "the number of days is from 1 to 63",
     "choose a number in that range"},
    {NULL, RULE "  when any of settled; pregnant\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 15, 7, "settled",
     "expected (, found settled",
     "write: any of (night pain; rest pain)"},
    {NULL, RULE "  when any of (settled, pregnant)\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 23, 1, ",",
     "expected ; or ), found ,",
     "conditions in a group are parted by ; and groups do not nest"},
    {NULL, RULE "  when any of (settled; pregnent)\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 25, 8, "pregnent",
     "pregnent is not a fact that a condition may ask",
     "did you mean pregnant?"},
    {NULL, RULE "  when any of (settled; pregnant\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 33, 1, "end of line",
     "expected ; or ), found the end of the line",
     "conditions in a group are parted by ; and groups do not nest"},
    {NULL, RULE "  when any of (settled; any of (pregnant; settled))\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 25, 3, "any",
     "expected a condition, found any",
     "groups do not nest; one reads: any of (night pain; rest pain)"},
    {NULL, RULE "  when at least 3 of (settled; pregnant)\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 22, 1, "(",
     "asks for more conditions than the group has",
     "count the conditions between the parentheses"},
    {NULL, RULE "  when at least x of (settled; pregnant)\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 17, 1, "x",
     "expected the number of conditions, found x",
     "a whole number is meant"},
    {NULL, RULE "  when at least 2 (settled; pregnant)\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 19, 1, "(",
     "expected 'of', found (",
     "write: at least 2 of (c; c; c)"},
    {NULL, RULE "  when at least 40 of (settled; pregnant)\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 17, 2, "40",
     "the number of conditions is from 1 to 24",
     "choose a number in that range"},
    {NULL, RULE "  when all of (settled; pregnent)\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 25, 8, "pregnent",
     "pregnent is not a fact that a condition may ask",
     "did you mean pregnant?"},
    {NULL, RULE "  when any of ()\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 16, 1, ")",
     "expected a condition, found )",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when settled and\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 19, 1, "end of line",
     "expected a condition, found the end of the line",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when settled or pregnant\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 16, 2, "or",
     "expected and, or the action on its own line, found or",
     "conditions are joined by and; alternatives stand in any of (c; c)"},
    {NULL, RULE "  when settled; pregnant\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 15, 1, ";",
     "expected when, an action, until or a grade, found ;",
     "for example: hold"},
    {NULL, RULE "  when sttled and pregnant\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 8, 6, "sttled",
     "sttled is not a fact that a condition may ask",
     "did you mean settled?"},
    {NULL, RULE "  when session pain at most 2,5 NPRS\n"
     "  hold\n" GRADE, LW_ERR_NUMBER, 2, 30, 1, ",",
     "a number has a decimal point, not a comma",
     "write 2.5 NPRS"},
    {NULL, RULE "  when session pain at most 2.555 NPRS\n"
     "  hold\n" GRADE, LW_ERR_NUMBER, 2, 29, 5, "2.555",
     "session pain has at most two decimals, not 2.555",
     "round it to the careful side"},
    {NULL, RULE "  when groc below -8 points\n"
     "  hold\n" GRADE, LW_ERR_RANGE, 2, 19, 2, "-8",
     "groc is from -7 to 7",
     "check the number and its unit"},
    {NULL, RULE "  when (settled)\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 8, 1, "(",
     "expected a condition, found (",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when any (settled)\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 8, 3, "any",
     "expected a condition, found any",
     "groups do not nest; one reads: any of (night pain; rest pain)"},
    {"version 1.2.3", "version 1.2-3", LW_ERR_SYNTAX, 1, 9, 5, "1.2-3",
     "expected a version of three numbers, found 1.2-3",
     "for example: version 1.0.0"},
    {PAIN_GREEN, "set\n"
     "  pain green at most 3 NPRS [D]", LW_ERR_SYNTAX, 1, 4, 1, "end of line",
     "expected the name of a number, found the end of the line",
     "for example: set pain green at most 3 NPRS   [V2] S08"},
    {"outcome tests at weeks 2", "outcome\n"
     "  tests at weeks 2", LW_ERR_SYNTAX, 1, 8, 1, "end of line",
     "expected an instrument, found the end of the line",
     "write: outcome visa_h at weeks 4, 8, 12, 26, 52"},
    {"protocol demo \"A small protocol\"", "protocol demo\n"
     "  \"A small", LW_ERR_SYNTAX, 2, 3, 8, "\"A small",
     "this text is not closed on its line",
     "end it with a quote: \""},
    {NULL, EXERCISE "  level 1   tempo 31023\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 5, "31023",
     "expected a tempo, found 31023",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo 3-023\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 5, "3-023",
     "expected a tempo, found 3-023",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, EXERCISE "  level 1   tempo 3-0-/\n" NO_NEIGHBOURS, LW_ERR_SYNTAX, 5, 19, 5, "3-0-/",
     "expected a tempo, found 3-0-/",
     "seconds lowering, pause, lifting, one digit each: tempo 3-0-3"},
    {NULL, HEAD "  needs\n"
     "  heavy\n", LW_ERR_SYNTAX, 2, 8, 1, "end of line",
     "expected equipment, found the end of the line",
     "for example: needs mat, needs machine or band"},
    {NULL, HEAD "  easier\n"
     "  harder end\n", LW_ERR_SYNTAX, 2, 9, 1, "end of line",
     "expected an exercise or end, found the end of the line",
     "for example: easier bridge-hold-double   harder end"},
    {NULL, HEAD "  role hip   each side\n"
     "  hip flexion 20..40 deg\n"
     "  tissue load tension 1 BW, compression 0 BW\n"
     "  level 1   3 sets, 5 reps, depth 10 deg\n"
     "  easier end   harder end\n", LW_ERR_RANGE, 5, 3, 7, "level 1",
     "the depth is outside the hip flexion 20..40 deg",
     "a level's depth lies in the exercise's range"},
    {"pick 2 of bridge, curl", "pick 1 of\n"
     "  pick 1 of curl", LW_ERR_SYNTAX, 1, 57, 1, "end of line",
     "expected an exercise, found the end of the line",
     "ids of exercises, the easiest first, parted by commas"},
    {NULL, HEAD "  {\n", LW_ERR_SYNTAX, 2, 3, 1, "{",
     "expected a statement of an exercise, found {",
     "for example: level 2   hold 30 s"},
    {NULL, HEAD "  knee 30 deg°\n", LW_ERR_SYNTAX, 2, 14, 2, "°",
     "expected a statement of an exercise, found °",
     "write: deg"},
    {PAIN_GREEN, "set pain green at most 1234567.5 NPRS   [D]", LW_ERR_NUMBER, 1, 24, 9, "1234567.5",
     "1234567.5 has too many digits",
     "a number has at most six digits and two decimals"},
    {NULL, RULE "  when \n"
     "  until x\n"
     "  hold\n" GRADE, LW_ERR_SYNTAX, 2, 7, 1, "end of line",
     "expected a condition, found the end of the line",
     "for example: session pain at most 3 NPRS, or: settled"},
    {NULL, RULE "  when hold\n"
     "  hold\n" GRADE, LW_ERR_VALUE, 2, 8, 4, "hold",
     "hold is not a fact that a condition may ask",
     "one of: *"},
    {NULL, RULE "  when settled above 3\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 16, 5, "above",
     "settled is yes or no, not a number",
     "write: settled, or: not settled"},
    {NULL, RULE "  when settled below 3\n"
     "  hold\n" GRADE, LW_ERR_TYPE, 2, 16, 5, "below",
     "settled is yes or no, not a number",
     "write: settled, or: not settled"},
    {NULL, RULE "  hold\n"
     "  until x a 1, b\n" GRADE, LW_ERR_SYNTAX, 3, 17, 1, "end of line",
     "expected a value, found the end of the line",
     "names and values take turns: until calm-test days 3, pain 3"},
    {PAIN_GREEN, "set pain green at most 2,x NPRS   [D]", LW_ERR_TYPE, 1, 24, 1, "2",
     "pain green at most is counted in NPRS; the number stands without a unit",
     "write: 2 NPRS"},
    {PAIN_GREEN, "set pain green at most 2 ,5 NPRS   [D]", LW_ERR_TYPE, 1, 24, 1, "2",
     "pain green at most is counted in NPRS; the number stands without a unit",
     "write: 2 NPRS"},
    {PAIN_GREEN, "set pain green at most 2, 5 NPRS   [D]", LW_ERR_TYPE, 1, 24, 1, "2",
     "pain green at most is counted in NPRS; the number stands without a unit",
     "write: 2 NPRS"},
    {NULL, HEAD "  knee 5 deg [Z]\n", LW_ERR_SYNTAX, 2, 15, 1, "Z",
     "expected a confidence tag, found Z",
     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08"},
};
/* clang-format on */

static void each_mistake_gives_one_error(void **state) {
    (void)state;
    const char *text = sample_text();
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        uint32_t line;
        char *changed = sample_with(text, mistakes[i].find, mistakes[i].with, &line);
        sample_result r = sample_compile(lw__str(changed));
        const lw_diag *d = &r.diags.items[0];
        if (r.diags.count != 1 || strcmp(d->message, mistakes[i].message) != 0) {
            print_error("row %zu: %s\n", i, mistakes[i].with);
        }
        assert_string_equal(d->message, mistakes[i].message);
        assert_int_equal(r.diags.count, 1);
        assert_int_equal(r.err, mistakes[i].err);
        assert_int_equal(d->err, mistakes[i].err);
        assert_int_equal(d->line, mistakes[i].column == 0 ? 0 : (int32_t)line + mistakes[i].line - 1);
        assert_int_equal(d->column, mistakes[i].column);
        assert_int_equal(d->length, mistakes[i].length);
        assert_string_equal(d->member, mistakes[i].member);
        size_t hint = strlen(mistakes[i].hint);
        if (mistakes[i].hint[hint - 1] == '*') {
            assert_memory_equal(d->hint, mistakes[i].hint, hint - 1);
        } else {
            assert_string_equal(d->hint, mistakes[i].hint);
        }
        free(changed);
    }
}

/* Compiles the sample with text added; returns the number of errors, the first error in *first. */
static uint32_t errors_of(const char *added, lw_diag *first) {
    uint32_t line;
    char *changed = sample_with(sample_text(), NULL, added, &line);
    sample_result r = sample_compile(lw__str(changed));
    *first = r.diags.items[0];
    free(changed);
    return r.diags.count;
}

static void several_mistakes_give_several_errors(void **state) {
    (void)state;
    lw_diag first;
    assert_int_equal(errors_of(HEAD, &first), 7); /* everything an exercise must say */
    assert_int_equal(first.err, LW_ERR_MISSING);
    assert_int_equal(errors_of(HEAD "  rol hip\n  each sied\n  level 1   3 stes\n", &first), 3);
    assert_int_equal(errors_of(RULE "  when any of (sttled; pregnent)\n  hold\n" GRADE, &first), 2);
    assert_int_equal(errors_of(RULE "  when settled and pregnent\n  and nigth pain\n  hold\n" GRADE, &first), 2);
    assert_int_equal(errors_of("set pain gren at most 3 NPRS\nset pain green at most 3 NPRS [D] 5\nsource x\n", &first),
                     3);
    uint32_t line;
    char *swapped = sample_with(sample_text(), "stage eccentric \"Two\"", "stage strength \"Two\"", &line);
    sample_result r = sample_compile(lw__str(swapped));
    assert_int_equal(r.diags.count, 2);
    assert_string_equal(r.diags.items[0].message, "expected the stage eccentric here");
    assert_string_equal(r.diags.items[1].message, "strength stands here twice");
    free(swapped);
    /* nothing at all: the name, the version, every number, the exercises, the stages and the rules are missing */
    r = sample_compile((lw_str){NULL, 0});
    assert_int_equal(r.err, LW_ERR_MISSING);
    assert_int_equal(r.diags.count, 2 + LW_PARAM_COUNT + 1 + LW_MAX_STAGES + 1);
}

/* Repeats a pattern with %d for 0 … count − 1 into malloc memory. */
static char *repeated(const char *before, const char *pattern, int count, const char *after) {
    size_t cap = strlen(before) + strlen(after) + (strlen(pattern) + 12) * (size_t)count + 1;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "%s", before);
    for (int i = 0; i < count; i++) {
        at += (size_t)snprintf(text + at, cap - at, pattern, i, i);
    }
    snprintf(text + at, cap - at, "%s", after);
    return text;
}

static void every_limit_is_named(void **state) {
    (void)state;
    static const struct {
        const char *before, *pattern, *after, *message;
        int count;
    } limits[] = {
        {"# ", "x", "\n", "this line is longer than 4096 bytes", 4100},
        {"", "source X%d \"x\"\n", "", "more than 128 sources", 127},
        {RULE "  hold\n  until x days ", "3", "\n" GRADE, "an id has at most 63 characters", 70},
        {"text H-2 \"x\" [D] S", "S", "\n", "an id has at most 63 characters", 70},
        {"", "text X%d \"x\" [D]\n", "", "more than 16 texts", 16},
        {"", RULE "  hold\n  D [D]\n", "", "more than 192 rules", 200},
        {RULE "  when pregnant\n", "  and settled\n", "  hold\n" GRADE, "more than 640 conditions", 640},
        {RULE "  when any of (", "settled;\n  ", "pregnant)\n  hold\n" GRADE, "more than 24 conditions in a group", 30},
        {RULE "  when pregnant\n", "  and settled on 3 of 7 days\n", "  hold\n" GRADE, "more than 24 windows of days",
         25},
        {RULE "  advise a", ",\n  a%d", "\n" GRADE, "more than 1024 citations, ids and arguments", 1024},
        {EXERCISE "  level 1   3 sets, 1 rep\n  level 2   2 reps\n", "  # %d\n", "  level 4   4 reps\n" NO_NEIGHBOURS,
         "expected level 3", 1},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char *added = repeated(limits[i].before, limits[i].pattern, limits[i].count, limits[i].after);
        lw_diag first;
        assert_int_equal(errors_of(added, &first), 1);
        assert_string_equal(first.message, limits[i].message);
        free(added);
    }
    lw_diag first;
    char levels[2048] = EXERCISE;
    for (int i = 1; i <= 25; i++) {
        sprintf(levels + strlen(levels), "  level %d   3 sets, %d reps\n", i, i + 3);
    }
    assert_int_equal(errors_of(strcat(levels, NO_NEIGHBOURS), &first), 1);
    assert_string_equal(first.message, "more than 24 levels");
    char *exercises = repeated("", "exercise y%d \"Y\"\n  role hip\n  rol\n", 38, "");
    assert_int_equal(errors_of(exercises, &first), 38 + 1);
    free(exercises);
    /* thirteen exercises in one pick */
    uint32_t line;
    char *thirteen = repeated("",
                              "exercise y%d \"Y\"\n  role hip   both sides\n  hip flexion 0..9 deg\n"
                              "  tissue load tension 1 BW, compression 0 BW\n  level 1   1 set, 1 rep\n"
                              "  easier end   harder end\n",
                              13, "");
    char *picks = repeated("pick 1 of y0", ", y%d", 13, "");
    memmove(strstr(picks, ", y0"), strstr(picks, ", y1"), strlen(strstr(picks, ", y1")) + 1);
    char *with_picks = sample_with(sample_text(), "pick 2 of bridge, curl", picks, &line);
    char *with_both = sample_with(with_picks, NULL, thirteen, &line);
    sample_result r = sample_compile(lw__str(with_both));
    assert_int_equal(r.diags.count, 1);
    assert_string_equal(r.diags.items[0].message, "more than 12 exercises in a pick");
    free(thirteen);
    free(picks);
    free(with_picks);
    free(with_both);
    static char large[LW_MAX_PROTOCOL + 2];
    memset(large, '\n', sizeof large);
    r = sample_compile((lw_str){large, LW_MAX_PROTOCOL + 1});
    assert_int_equal(r.err, LW_ERR_LIMIT);
    assert_string_equal(r.diags.items[0].message, "the protocol is longer than 1 MiB");
    r = sample_compile((lw_str){large, LW_MAX_PROTOCOL});
    assert_int_equal(r.err, LW_ERR_MISSING);
}

static void errors_beyond_the_list_are_counted(void **state) {
    (void)state;
    static uint8_t result_bytes[LW_PROTOCOL_RESULT];
    static uint8_t scratch_bytes[LW_PROTOCOL_SCRATCH];
    lw_arena result = lw_arena_over(result_bytes, sizeof result_bytes);
    lw_arena scratch = lw_arena_over(scratch_bytes, sizeof scratch_bytes);
    lw_diag one[2];
    memset(one, 0x5a, sizeof one);
    lw_diags diags = {one, 1, 0};
    const lw_protocol *out = NULL;
    const lw_str text = LW_STR("protocol x\nversion x\nrul X\n");
    assert_int_equal(lw_protocol_compile(text, &result, &scratch, &out, &diags), LW_ERR_SYNTAX);
    assert_true(diags.count > 2);
    assert_int_equal(one[0].line, 1);
    assert_int_equal(one[1].message[0], 0x5a);
    /* no list at all */
    assert_int_equal(lw_protocol_compile(text, &result, &scratch, &out, NULL), LW_ERR_SYNTAX);
    assert_null(out);
    assert_int_equal(result.used, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_gives_one_error),
        cmocka_unit_test(several_mistakes_give_several_errors),
        cmocka_unit_test(every_limit_is_named),
        cmocka_unit_test(errors_beyond_the_list_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
