/* The subcommands of the program eddy, and how each tells what is wrong.
 *
 * argv[0] is the subcommand's name. A command returns the program's exit status: 0 it is so, or done; 1 what was
 * checked is false, or the work failed; 2 wrong usage or bad input, told by a sentence on stderr before anything was
 * changed. Where memory was short the program ends with 2, whatever the command returned: nothing is known then. */
#ifndef EDDY_COMMANDS_H
#define EDDY_COMMANDS_H

#include <eddy/eddy.h>

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_WRONG = 2 };

int eddy_cmd_train(int argc, char **argv);
int eddy_cmd_forecast(int argc, char **argv);
int eddy_cmd_generate(int argc, char **argv);
int eddy_cmd_recognise(int argc, char **argv);
int eddy_cmd_translate(int argc, char **argv);
int eddy_cmd_info(int argc, char **argv);
int eddy_cmd_eval(int argc, char **argv);
int eddy_cmd_gradcheck(int argc, char **argv);
int eddy_cmd_graph(int argc, char **argv);
int eddy_cmd_plan(int argc, char **argv);
int eddy_cmd_check(int argc, char **argv);
int eddy_cmd_exercise(int argc, char **argv);
int eddy_cmd_explain(int argc, char **argv);
int eddy_cmd_bench(int argc, char **argv);
int eddy_cmd_bench_tasks(int argc, char **argv);

/* "eddy COMMAND: sentence" on stderr; return COMMAND_WRONG and COMMAND_FAILED, so that a command can `return
 * command_wrong(...)`. */
int command_wrong(const char *command, const char *format, ...) EDDY_PRINTF(2, 3);
int command_failed(const char *command, const char *format, ...) EDDY_PRINTF(2, 3);
/* Did one of them say something? */
bool command_said(void);

#endif
