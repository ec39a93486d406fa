// expect: undeclared
// complaint: must compile without MUST_NOT_COMPILE
int main() { return undeclared; }
