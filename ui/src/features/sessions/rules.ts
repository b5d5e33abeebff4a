import { isEmail } from "../../components/rules";
import type { Strings } from "../../strings";

export const minimumPassword = 10;

export const emailRule = (t: Strings) => (value: string) => {
  if (value.trim() === "") return t.words.isRequired;
  return isEmail(value.trim()) ? null : t.sessions.emailWrong;
};

export const passwordGiven = (t: Strings) => (value: string) => (value === "" ? t.words.isRequired : null);

export const newPasswordRule = (t: Strings) => (value: string) => {
  if (value === "") return t.words.isRequired;
  return [...value].length < minimumPassword ? t.sessions.passwordShort : null;
};
