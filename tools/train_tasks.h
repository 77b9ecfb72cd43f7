/* The tasks of 'eddy train', each in train_TASK.c. argv[0] is the task's name. */
#ifndef EDDY_TRAIN_TASKS_H
#define EDDY_TRAIN_TASKS_H

#include "commands.h"

int eddy_train_forecast(int argc, char **argv);
int eddy_train_text(int argc, char **argv);
int eddy_train_classify(int argc, char **argv);
int eddy_train_speech(int argc, char **argv);
int eddy_train_connected(int argc, char **argv);
int eddy_train_translate(int argc, char **argv);

#endif
